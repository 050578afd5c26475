"""`explain`: one lead's ledger, now or on a past date."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from connector.book import Book, Texts, open_book, scorable
from connector.cli.context import Context, of, told
from connector.cli.show import show_score
from connector.errors import user_error
from connector.instants import Instant, iso, parse_moment
from connector.model import Activity, HotState, Lead, Ref, Score
from connector.plain.document import lead_document
from connector.ports import Dossier
from connector.reasons import why_not
from connector.scoring.reference import score_lead
from connector.store import SqlStore, book_text, open_store
from connector.views import dossier
from connector.wiring import one_lead, open_book_of
from connector.words import Message, say

STATES = {
    HotState.COLD: say("cold"),
    HotState.WARM: say("warm"),
    HotState.HOT: say("hot"),
    HotState.HOT_NOW: say("hot at once"),
    HotState.EXCLUDED: say("excluded"),
}


ASIDE = {
    "kind": say("kinds that are not counted"),
    "own": say("own staff and test addresses"),
    "told_twice": say("told by a better source"),
    "scanner": say("mail scanners"),
    "repeat": say("repeats"),
}


def register(app: typer.Typer) -> None:
    app.command("explain", help=told(say("One lead's ledger, now or on a past date.")))(explain)


def explain(
    ctx: typer.Context,
    lead: Annotated[str, typer.Argument(help=told(say("The lead's id in the CRM, or connection:object/id.")))],
    at: Annotated[str | None, typer.Option("--at", help=told(say("A date or an instant with its zone.")))] = None,
    scorecard: Annotated[
        str | None, typer.Option("--scorecard", help=told(say("Digest of an earlier book, from 'runs show'.")))
    ] = None,
) -> None:
    context = of(ctx)
    instant = context.now() if at is None else moment(context, at)
    store = open_store(context.settings.database_url)
    try:
        ref = one_lead(store, lead)
        book = _book(context, store, ref, scorecard)
        known = dossier(store, ref, None if at is None else instant)
        score, subject = explained(book, known, instant)
        _show(context, book, score, subject)
    finally:
        store.close()


def explained(book: Book, known: Dossier, at: Instant) -> tuple[Score, Lead]:
    """The score by the reference engine, on the facts given, and the lead as hygiene left it."""
    subject = scorable(book.mapping, known)
    return score_lead(book.card, subject, at), subject


def moment(context: Context, text: str) -> Instant:
    """A date (midnight of the installation's zone) or an instant with its zone. Raises UserError."""
    try:
        return parse_moment(text, context.zone)
    except ValueError:
        fix = say("Write 2026-11-22 or 2026-11-22T09:00:00+09:00.")
        what = say("'{value}' is neither a date nor an instant with its zone", value=text)
        raise user_error("LH-707", what, "--at", fix) from None


def _book(context: Context, store: SqlStore, ref: Ref, digest: str | None) -> Book:
    connection = context.settings.connections.get(ref.connection)
    if digest is None and connection is not None:
        return open_book_of(context.settings, connection)
    text = book_text(store, digest or "")
    if text is None:
        raise user_error("LH-708", say("no book '{digest}' is remembered", digest=digest), "--scorecard")
    return open_book(Texts.from_json(text), context.zone, context.look.lang)


def _show(context: Context, book: Book, score: Score, subject: Lead) -> None:
    # read by whoever asks, not by the CRM's users
    wording = replace(book.wording, lang=context.look.lang)
    aside = [a for a in subject.activities if a.set_aside]
    context.show(
        say(
            "{ref}: {points} points, {state} as of {date}",
            ref=str(score.ref),
            points=score.points,
            state=STATES[score.standing.state],
            date=context.date(score.as_of),
        )
    )
    show_score(context, score, wording)
    why = why_not(score, subject.rejection, wording) if _puzzles(book, score) else None
    for message in _story(context, score, aside, why):
        context.show(message)
    document = {**lead_document(score), "as_of": iso(score.as_of), "ref": str(score.ref), "book": book.digest}
    context.document({**document, "set_aside": [_aside_document(a) for a in aside]})


def _puzzles(book: Book, score: Score) -> bool:
    """Enough points, and yet not hot."""
    return score.points >= book.card.bands.enter and not score.standing.state.is_hot


def _story(context: Context, score: Score, aside: list[Activity], why: Message | None) -> list[Message]:
    told_: list[Message] = [why] if why else []
    if score.standing.hot_since is not None:
        told_.append(say("Hot since {date}", date=context.date(score.standing.hot_since)))
    if score.next_change_at is not None:
        told_.append(say("Next look: {date}", date=context.date(score.next_change_at)))
    reasons = sorted({context.word(ASIDE.get(a.set_aside or "", say("other"))) for a in aside})
    if reasons:
        told_.append(say("{n} activities set aside: {reasons}", n=len(aside), reasons=", ".join(reasons)))
    return told_


def _aside_document(activity: Activity) -> dict[str, object]:
    return {"kind": activity.kind, "subject": activity.subject, "at": iso(activity.at), "reason": activity.set_aside}
