"""What people do, kept as HubSpot keeps it: page views by contact, submissions by form, mail events by address,
participations by contact.

Each writer keeps the event and returns what it does to the contact's summary properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

from adapters.hubspot.sandbox import summary
from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, iso_ms
from adapters.hubspot.sandbox.summary import Fold
from adapters.sandbox.state import Row

HOST = "https://www.example.co.jp"
MAIL_TYPES = ("SENT", "DELIVERED", "OPEN", "CLICK", "BOUNCE", "DROPPED", "STATUSCHANGE", "SPAMREPORT")


@dataclass(frozen=True, slots=True)
class View:
    """A page view."""

    at: int
    url: str
    title: str = ""


def add_views(account: Account, contact: str, views: Sequence[View]) -> list[str]:
    """Keep page views of one contact; returns the events' ids."""
    held = (account.state.get("visits", contact) or {"all": []})["all"]
    made = [{"id": str(uuid4()), "at": v.at, "url": v.url, "title": v.title} for v in views]
    account.state.put("visits", contact, {"all": sorted([*held, *made], key=lambda one: one["at"])})
    return [str(one["id"]) for one in made]


def path_of(url: str) -> str:
    return urlsplit(url).path or "/"


# ---- forms ---------------------------------------------------------------------------------------------------------


def form_row(guid: str, name: str, path: str, at: int) -> Json:
    """A form as the forms API has it, with the page it stands on."""
    stamp = iso_ms(at)
    fields = [_field("email", "email", required=True), _field("company", "single_line_text", required=False)]
    return {
        "id": guid, "name": name, "createdAt": stamp, "updatedAt": stamp, "archived": False, "formType": "hubspot",
        "path": path, "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": fields}],
        "configuration": _CONFIGURATION, "displayOptions": _LOOKS, "legalConsentOptions": {"type": "none"},
    }  # fmt: skip


_CONFIGURATION: Json = {
    "language": "ja", "cloneable": True, "editable": True, "archivable": True, "recaptchaEnabled": False,
    "notifyContactOwner": False, "notifyRecipients": [], "createNewContactForNewEmail": False,
    "prePopulateKnownValues": True, "allowLinkToResetKnownValues": False,
    "postSubmitAction": {"type": "thank_you", "value": ""},
}  # fmt: skip
_LOOKS: Json = {"renderRawHtml": False, "theme": "default_style", "submitButtonText": "送信", "style": {}}


def _field(name: str, field_type: str, *, required: bool) -> Json:
    """A field of a form. Clients tell what it may hold from `fieldType` (NOTES 94)."""
    told = {"objectTypeId": "0-1", "name": name, "label": name, "required": required, "hidden": False}
    more = {"validation": {"blockedEmailDomains": [], "useDefaultBlockList": False}} if field_type == "email" else {}
    return {**told, "fieldType": field_type, "dependentFields": [], **more}


def form_guid(portal: int, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{portal}/forms/{name}"))


def form_named(account: Account, name: str, path: str = "/contact") -> Row:
    """The form of this name; made if there is none."""
    found = next((f for f in account.state.all("forms").values() if f["name"] == name), None)
    if found is None:
        found = form_row(form_guid(account.options.portal_id, name), name, path, account.now)
        account.state.put("forms", found["id"], found)
    return found


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as somebody sent it. It knows an address and no contact (NOTES 88)."""

    at: int
    email: str
    title: str
    url: str


def submission_row(sent: Sent) -> Json:
    fields = [{"name": "email", "value": sent.email, "objectTypeId": "0-1"}]
    return {"at": sent.at, "title": sent.title, "url": sent.url, "values": fields}


def add_submission(account: Account, form: Row, sent: Sent) -> tuple[str, Fold]:
    """Keep a submission; returns its id and what it does to the contact."""
    id_ = str(uuid4())
    account.state.put(f"submissions:{form['id']}", id_, submission_row(sent))
    return id_, lambda held: summary.form_submitted(held, sent.at, form["id"], sent.title, form["name"])


# ---- mails ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One event of one mail to one address. `sent_at` is when that mail was sent."""

    at: int
    type: str
    email: str
    campaign: str
    sent_at: int
    url: str = ""


def mail_row(event: MailEvent) -> Json:
    told = {"at": event.at, "type": event.type, "recipient": event.email, "campaign": event.campaign}
    return {**told, "sent_at": event.sent_at, "url": event.url}


def mail_fold(event: MailEvent, name: str, *, again: bool) -> Fold:
    """What a mail event does to the contact."""
    folds: dict[str, Fold] = {
        "DELIVERED": lambda held: summary.mail_delivered(held, event.at, name),
        "OPEN": lambda held: summary.mail_opened(held, event.at, again=again),
        "CLICK": lambda held: summary.mail_clicked(held, event.at, again=again),
    }
    return folds.get(event.type, lambda _: {})


def campaign_named(account: Account, name: str) -> Row:
    """The mailing of this name; made if there is none."""
    found = next((c for c in account.state.all("campaigns").values() if c["name"] == name), None)
    if found is None:
        id_ = account.new_ids(1)[0]
        found = {"id": int(id_), "name": name, "subject": name, "appId": 113, "appName": "Batch"}
        account.state.put("campaigns", id_, found)
    return found


def add_mail_event(account: Account, event: MailEvent, name: str) -> tuple[str, Fold]:
    """Keep a mail event; returns its id and what it does to the contact."""
    rows = account.state.all("mail_events").values()
    mine = (event.type, event.email, event.campaign)
    again = any((r["type"], r["recipient"], r["campaign"]) == mine for r in rows)
    id_ = str(uuid4())
    account.state.put("mail_events", id_, mail_row(event))
    return id_, mail_fold(event, name, again=again)


def last_sending(account: Account, email: str, campaign: str) -> int | None:
    """When this mailing was last delivered to an address, if it ever was."""
    rows = account.state.all("mail_events").values()
    mine = ("DELIVERED", email, campaign)
    return max((r["at"] for r in rows if (r["type"], r["recipient"], r["campaign"]) == mine), default=None)


# ---- marketing events ----------------------------------------------------------------------------------------------


def marketing_event_row(id_: str, name: str, at: int, organizer: str = "Leadheat Sandbox") -> Json:
    return {"id": id_, "name": name, "at": at, "organizer": organizer, "external": f"ext-{id_}"}


def marketing_event_named(account: Account, name: str) -> Row:
    """The event of this name; made if there is none."""
    found = next((e for e in account.state.all("marketing_events").values() if e["name"] == name), None)
    if found is None:
        id_ = account.new_ids(1)[0]
        found = marketing_event_row(id_, name, account.now)
        account.state.put("marketing_events", id_, found)
    return found


def participate(account: Account, contact: str, event: str, state: str, at: int) -> str:
    """Keep how a contact takes part; a later state of the same event stands beside the earlier one."""
    held = (account.state.get("participations", contact) or {"all": []})["all"]
    made = {"id": str(uuid4()), "at": at, "event": event, "state": state}
    account.state.put("participations", contact, {"all": sorted([*held, made], key=lambda one: one["at"])})
    return str(made["id"])
