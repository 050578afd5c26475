"""Something happens to a contact now, or happened: the event is kept where HubSpot keeps it, and the contact's summary
properties follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from adapters.hubspot.sandbox import doings, summary
from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import iso_ms
from adapters.hubspot.sandbox.kinds import ACTIVITIES, kind_of
from adapters.hubspot.sandbox.links import link
from adapters.hubspot.sandbox.pipelines import OPEN
from adapters.hubspot.sandbox.sales import roll_up
from adapters.hubspot.sandbox.summary import Fold
from adapters.hubspot.sandbox.values import comparable, taken
from adapters.hubspot.sandbox.writing import MACHINE, PEOPLE, create, update

Fields: TypeAlias = Mapping[str, str]
Happening: TypeAlias = Callable[[Account, str, Fields], tuple[str, Fold]]
CONTACTS = kind_of("contacts")


def happen(account: Account, source: str, person: str, fields: Fields) -> str:
    """Keep one event of a contact; returns its id. `source` and `fields` as mappings name them:

    page_views (url, title, occurred_at), form_submissions (form_name, page_url, page_title, submitted_at), email_events
    (action, campaign, url, occurred_at, delivered_at), marketing_events (name, state, occurred_at), email_summary
    (action, occurred_at), deals, calls, meetings, emails, notes, tasks (their properties). Times are ISO 8601 or epoch
    milliseconds as text; without one it happens now. Raises ValueError for an unknown source or a wrong value.
    """
    kind = _HAPPENINGS.get(source) or (_activity(source) if source in ACTIVITIES else None)
    if kind is None:
        raise ValueError(f"nothing known happens in '{source}'")
    id_, fold = kind(account, person, fields)
    told = fold(account.state.all("contacts")[person]["values"])
    if told:
        update(account, CONTACTS, {person: told}, MACHINE)
    return id_


def _at(account: Account, fields: Fields, name: str = "occurred_at") -> int:
    """Milliseconds."""
    return int(comparable("datetime", fields[name])) if fields.get(name) else account.now


def _page_view(account: Account, person: str, fields: Fields) -> tuple[str, Fold]:
    at, url = _at(account, fields), fields.get("url") or doings.HOST + fields.get("path", "/")
    id_ = doings.add_views(account, person, [doings.View(at, url, fields.get("title", ""))])[0]
    return id_, lambda held: summary.page_viewed(held, at, url)


def _form(account: Account, person: str, fields: Fields) -> tuple[str, Fold]:
    form = doings.form_named(account, fields["form_name"], fields.get("path", "/contact"))
    url, title = fields.get("page_url", doings.HOST + form["path"]), fields.get("page_title", form["name"])
    sent = doings.Sent(_at(account, fields, "submitted_at"), _address(account, person), title, url)
    return doings.add_submission(account, form, sent)


def _mail(account: Account, person: str, fields: Fields) -> tuple[str, Fold]:
    at, address = _at(account, fields), _address(account, person)
    campaign = doings.campaign_named(account, fields.get("campaign", "ニュースレター"))
    known = doings.last_sending(account, address, str(campaign["id"]))
    sent_at = _at(account, fields, "delivered_at") if fields.get("delivered_at") else known or at
    event = doings.MailEvent(at, fields["action"], address, str(campaign["id"]), sent_at, fields.get("url", ""))
    return doings.add_mail_event(account, event, campaign["name"])


def _marketing_event(account: Account, person: str, fields: Fields) -> tuple[str, Fold]:
    event = doings.marketing_event_named(account, fields["name"])
    state = fields.get("state", "ATTENDED")
    return doings.participate(account, person, event["id"], state, _at(account, fields)), lambda _: {}


_SALES_MAIL = {
    "open": "hs_email_last_open_date", "click": "hs_email_last_click_date", "sales_open": "hs_sales_email_last_opened",
    "sales_click": "hs_sales_email_last_clicked", "sales_reply": "hs_sales_email_last_replied",
}  # fmt: skip


def _mail_summary(account: Account, person: str, fields: Fields) -> tuple[str, Fold]:
    at, name = _at(account, fields), _SALES_MAIL[fields["action"]]
    return f"{person}:{at}", lambda _: {name: iso_ms(at)}


def _deal(account: Account, person: str, fields: Fields) -> tuple[str, Fold]:
    values = {"pipeline": "default", "dealstage": OPEN, "dealname": "商談", **fields}
    id_ = _record(account, "deals", values)
    link(account, [(CONTACTS, person, kind_of("deals"), id_)])
    roll_up(account, [person])
    return id_, lambda _: {}


def _activity(object_: str) -> Happening:
    def happening(account: Account, person: str, fields: Fields) -> tuple[str, Fold]:
        at = _at(account, fields, "hs_timestamp")
        id_ = _record(account, object_, {**fields, "hs_timestamp": iso_ms(at)})
        link(account, [(CONTACTS, person, kind_of(object_), id_)])
        return id_, lambda held: summary.activity_logged(held, object_, at, account.now)

    return happening


def _record(account: Account, object_: str, values: Fields) -> str:
    kept, wrong = taken(account, kind_of(object_), values, by_api=False)
    if wrong:
        raise ValueError(", ".join(f"{w.name}: {w.code}" for w in wrong))
    return str(create(account, kind_of(object_), [kept], PEOPLE)[0]["id"])


def _address(account: Account, person: str) -> str:
    """Raises ValueError for a contact without an address: it can neither send a form nor get a mail."""
    address: str = account.state.all("contacts")[person]["values"].get("email", "")
    if not address:
        raise ValueError(f"contacts/{person} has no e-mail address")
    return address


_HAPPENINGS: Mapping[str, Happening] = {
    "page_views": _page_view, "form_submissions": _form, "email_events": _mail, "email_summary": _mail_summary,
    "marketing_events": _marketing_event, "deals": _deal,
}  # fmt: skip
