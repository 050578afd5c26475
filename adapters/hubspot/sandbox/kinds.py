"""The object types: their names, numbers, stamps and the scopes that open them (NOTES 3, 8, 40)."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.hubspot.sandbox.answers import Refusal


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type. `created` and `modified` are the names of its stamps; `usual` comes when no property is asked
    for; `read` and `write` are its scopes."""

    name: str
    singular: str
    type_id: str
    read: str
    write: str
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    usual: tuple[str, ...] = ()

    @property
    def system(self) -> tuple[str, ...]:
        """The fields every answer about a record carries."""
        return (self.created, "hs_object_id", self.modified)


def _crm(name: str, singular: str, type_id: str, usual: tuple[str, ...], modified: str = "hs_lastmodifieddate") -> Kind:
    scope = f"crm.objects.{name}."
    return Kind(name, singular, type_id, scope + "read", scope + "write", modified=modified, usual=usual)


def _activity(name: str, singular: str, type_id: str) -> Kind:
    read, write = "crm.objects.contacts.read", "crm.objects.contacts.write"
    return Kind(name, singular, type_id, read, write, created="hs_createdate")


KINDS: tuple[Kind, ...] = (
    _crm("contacts", "contact", "0-1", ("email", "firstname", "lastname"), "lastmodifieddate"),
    _crm("companies", "company", "0-2", ("domain", "name")),
    _crm("deals", "deal", "0-3", ("amount", "closedate", "dealname", "dealstage", "pipeline")),
    _crm("leads", "lead", "0-136", ()),
    _activity("calls", "call", "0-48"),
    _activity("emails", "email", "0-49"),
    _activity("meetings", "meeting", "0-47"),
    _activity("notes", "note", "0-46"),
    _activity("tasks", "task", "0-27"),
    Kind("tickets", "ticket", "0-5", "tickets", "tickets", usual=("subject", "content", "hs_pipeline_stage")),
    Kind("products", "product", "0-7", "e-commerce", "e-commerce", usual=("name", "price")),
    Kind("line_items", "line_item", "0-8", "e-commerce", "e-commerce", usual=("name", "quantity")),
    Kind("deal_splits", "deal_split", "0-72", "crm.objects.deals.read", "crm.objects.deals.write"),
    _crm("feedback_submissions", "feedback_submission", "0-19", ()),
    _crm("goal_targets", "goal_target", "0-74", ()),
    _crm("quotes", "quote", "0-14", ("hs_title", "hs_expiration_date")),
    _activity("communications", "communication", "0-18"),
    _activity("postal_mail", "postal_mail", "0-116"),
)
ACTIVITIES = ("calls", "emails", "meetings", "notes", "tasks")
_BY_WORD = {word: kind for kind in KINDS for word in (kind.name, kind.singular, kind.type_id)}


def kind_of(word: str) -> Kind:
    """The type a path or a body names: `contacts`, `contact` or `0-1`, in any case. Raises Refusal."""
    kind = _BY_WORD.get(word.lower())
    if kind is None:
        raise Refusal(400, "VALIDATION_ERROR", f"Unable to infer object type from: {word}")
    return kind
