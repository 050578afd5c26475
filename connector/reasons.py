"""What sales reads on the record: the ledger in words, why now, and what would change it.

The words are made from the Score alone, so the text can never disagree with the points. A text changes only when the
ledger does, so that an unchanged lead is never written again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal, TypeAlias

from connector.instants import DAY, Instant, datetime_of, iso
from connector.model import HotState, Line, Rejection, Score
from connector.plan import ResultValue, whole_second
from connector.results import BY_NAME
from connector.words import Lang, Message, say

CrmLang: TypeAlias = Literal["ja", "en", "both"]
WEEK = 7 * DAY
TREND = 12
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Wording:
    """How a scorecard's lines are said: language of the CRM text, time zone, and label by rule and axis in each
    language. `card` is the scorecard as people call it (`b2b-saas v3`), `enter` the points from which a lead is hot."""

    lang: CrmLang
    zone: tzinfo
    labels: Mapping[str, Mapping[Lang, str]]
    card: str
    enter: int

    def tell(self, message: Message) -> str:
        """The sentence in the CRM's language; in both, Japanese first."""
        if self.lang != "both":
            return message.in_(self.lang)
        ja, en = message.in_("ja"), message.in_("en")
        return ja if ja == en else f"{ja} / {en}"

    def label(self, name: str) -> str:
        known = self.labels.get(name, {})
        ja, en = known.get("ja", name), known.get("en", name)
        if self.lang == "both":
            return ja if ja == en else f"{ja} / {en}"
        return ja if self.lang == "ja" else en

    def day(self, instant: Instant) -> str:
        """`11/20`: short, because it stands behind every line."""
        moment = datetime_of(instant, self.zone)
        return f"{moment.month}/{moment.day}"

    def date(self, instant: Instant) -> str:
        moment = datetime_of(instant, self.zone)
        return f"{moment.year:04d}/{moment.month:02d}/{moment.day:02d}"


def results(
    score: Score,
    history: Sequence[tuple[Instant, int]],
    hot_until: Instant | None,
    wording: Wording,
    rejection: Rejection | None = None,
    names: Collection[str] = tuple(BY_NAME),
) -> dict[str, ResultValue]:
    """The results by these names, as the connector writes them. `history` is (instant, points) of earlier changes,
    oldest first; `hot_until` is when the heat ends without new data; `rejection` is the latest. Instants are whole
    seconds."""
    standing = score.standing
    hot = standing.state.is_hot
    told: dict[str, Callable[[], ResultValue]] = {
        "score": lambda: score.points,
        "band": lambda: score.band,
        "hot": lambda: hot,
        "top_reason": lambda: _cut(top_reason(score, wording), "top_reason"),
        "reasons": lambda: reasons_text(score, wording, rejection),
        "scored_at": lambda: whole_second(score.as_of),
        "change_7d": lambda: change_in_7_days(score, history),
        "hot_since": lambda: whole_second(standing.hot_since) if hot else None,
        "hot_until": lambda: whole_second(hot_until) if hot else None,
        "handoff_no": lambda: standing.handoff_number,
        "scorecard": lambda: _cut(wording.card, "scorecard"),
        "detail": lambda: detail(score, history, wording),
    }
    return {name: tell() for name, tell in told.items() if name in names}


def line_text(line: Line, wording: Wording) -> str:
    """`+50 デモをリクエスト(11/20)`, with the count from two on: `+9 ブログ記事を閲覧 ×3(11/20)`."""
    if line.limit is not None:
        return f"{line.points:+d} {limit_text(line.limit, wording)}"
    times = f" ×{line.occurrences}" if line.occurrences > 1 else ""
    return f"{line.points:+d} {wording.label(line.rule or '')}{times}{_dated(line, wording)}"


def _dated(line: Line, wording: Wording) -> str:
    if line.last is None:
        return ""
    day = wording.day(line.last)
    return f" ({day})" if wording.lang == "en" else f"({day})"


def limit_text(limit: str, wording: Wording) -> str:
    """`上限(興味・関心)` for `interest.max`."""
    axis, _, side = limit.rpartition(".")
    of = wording.tell(say("Total")) if axis == "total" else wording.label(f"axis:{axis}")
    if side == "max":
        return wording.tell(say("Upper limit ({axis})", axis=of))
    return wording.tell(say("Lower limit ({axis})", axis=of))


def top_reason(score: Score, wording: Wording) -> str | None:
    """The line with the largest effect."""
    return line_text(score.ledger[0], wording) if score.ledger else None


def reasons_text(score: Score, wording: Wording, rejection: Rejection | None = None) -> str:
    """The full ledger: a line each, the total, why now, what would change it. Cut only at line ends."""
    lines = [line_text(line, wording) for line in score.ledger]
    tail = [wording.tell(say("Total {points}", points=score.points)), *closing(score, wording, rejection)]
    return _fitting(lines, tail, BY_NAME["reasons"].length or 4000, wording)


def _fitting(lines: Sequence[str], tail: Sequence[str], room: int, wording: Wording) -> str:
    for kept in range(len(lines), -1, -1):
        more = len(lines) - kept
        note = [wording.tell(say("{n} more", n=more))] if more else []
        text = "\n".join([*lines[:kept], *note, *tail])
        if len(text) <= room:
            return text
    return "\n".join(tail)[:room]


def closing(score: Score, wording: Wording, rejection: Rejection | None = None) -> Iterable[str]:
    """Why now, or why not; what is missing; what would change it: at most three sentences."""
    newest = _newest(score)
    if newest is not None and score.standing.state.is_hot:
        yield wording.tell(say("Why now: {line}", line=line_text(newest, wording)))
    if score.standing.state in (HotState.WARM, HotState.COLD) and score.points < wording.enter:
        yield wording.tell(say("{points} points short of hot", points=wording.enter - score.points))
    elif not score.standing.state.is_hot:
        yield wording.tell(why_not(score, rejection, wording))
    falling = _next_to_change(score)
    if falling is not None and falling.changes_at is not None:
        yield wording.tell(
            say(
                "Changes on {day}: {label}",
                day=wording.date(falling.changes_at),
                label=wording.label(falling.rule or ""),
            )
        )


def why_not(score: Score, rejection: Rejection | None, wording: Wording) -> Message:
    """Why a lead with enough points is not hot: nobody should have to guess."""
    if score.standing.state is HotState.EXCLUDED:
        return say("Not hot: excluded by the scorecard")
    if rejection is not None and rejection.at <= score.as_of:
        day, until = wording.date(rejection.at), wording.date(rejection.quiet_until)
        return say("Not hot: declined on {day}; needs something new after {until}", day=day, until=until)
    return say("Not hot: a requirement of the scorecard is not met")


def _newest(score: Score) -> Line | None:
    dated = [line for line in score.ledger if line.last is not None and line.points > 0]
    return max(dated, key=lambda line: (line.last or 0, line.points), default=None)


def _next_to_change(score: Score) -> Line | None:
    coming = [line for line in score.ledger if line.changes_at is not None]
    return min(coming, key=lambda line: (line.changes_at or 0, -abs(line.points)), default=None)


def change_in_7_days(score: Score, history: Sequence[tuple[Instant, int]]) -> int | None:
    """Points now less points seven days ago; None while nothing is known from then."""
    then = [points for at, points in history if at <= score.as_of - WEEK]
    return score.points - then[-1] if then else None


def next_week_change(as_of: Instant, history: Sequence[tuple[Instant, int]]) -> Instant | None:
    """When `change_in_7_days` can differ though the score does not: as a change turns a week old, the latest too."""
    return min((at + WEEK for at, _ in history if at + WEEK > as_of), default=None)


def changes_of_points(score: Score, history: Sequence[tuple[Instant, int]]) -> list[tuple[Instant, int]]:
    """The points as they changed, up to and with this scoring, which replaces an earlier one of the same instant."""
    earlier = [(at, points) for at, points in history if at < score.as_of]
    same = bool(earlier) and earlier[-1][1] == score.points
    return earlier if same else [*earlier, (score.as_of, score.points)]


def detail(score: Score, history: Sequence[tuple[Instant, int]], wording: Wording) -> str:
    """The machine-readable ledger for the card on the record: axes, lines, the last twelve scores. JSON."""
    trend = changes_of_points(score, history)
    document = {
        "v": 1,
        "points": score.points,
        "band": score.band,
        "axes": [[axis, wording.label(f"axis:{axis}"), points] for axis, points in score.axes.items()],
        "lines": [_line_detail(line, wording) for line in score.ledger],
        "trend": [[wording.date(at), points] for at, points in trend[-TREND:]],
    }
    room = BY_NAME["detail"].length or 32_000
    while len(text := _compact(document)) > room:
        lines = document["lines"]
        assert isinstance(lines, list)  # noqa: S101 - for the type checker; it is built six lines above
        document["lines"] = lines[: len(lines) // 2]
    return text


def _line_detail(line: Line, wording: Wording) -> dict[str, object]:
    told: dict[str, object] = {"id": line.rule or line.limit, "points": line.points}
    told["label"] = limit_text(line.limit, wording) if line.limit else wording.label(line.rule or "")
    if line.last is not None:
        told |= {"n": line.occurrences, "last": iso(line.last)}
    return told


def _cut(text: str | None, result: str) -> str | None:
    room = BY_NAME[result].length
    return text if text is None or room is None else text[:room]
