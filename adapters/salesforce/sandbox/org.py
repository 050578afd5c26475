"""The org itself: its rows, its clock, its settings, and what is held in memory only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adapters.salesforce.sandbox.ids import new_ids, numbered_id
from adapters.salesforce.sandbox.options import Options
from adapters.salesforce.sandbox.schema import Schema, read_schema, schema_rows
from adapters.salesforce.sandbox.stamps import stamp
from adapters.salesforce.sandbox.standard import WEB_ACTIVITY
from adapters.sandbox.state import Row, State
from connector.instants import Instant

ORG_ID = numbered_id("00D", 1)
USER_ID = numbered_id("005", 1)
"""The integration user, as whom every call of the API runs."""
ADMIN_ID = numbered_id("005", 2)
REP_ID = numbered_id("005", 3)
QUEUE_ID = numbered_id("00G", 1)
"""The queue to which the active assignment rule gives leads (NOTES 66)."""
PERMISSION_SET_ID = numbered_id("0PS", 1)


class Cached(NamedTuple):
    rows: list[Row]
    schema: Schema


@dataclass(slots=True)
class Memory:
    """What a restart forgets: open cursors, when a session was last used, calls of the last day, the weather."""

    cursors: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)
    used: dict[str, Instant] = field(default_factory=dict)
    calls: dict[Instant, int] = field(default_factory=dict)
    throttled: int = 0
    crowded: int = 0
    retry_after: float = 0.0
    revoked: bool = False
    barred: str | None = None
    mails: list[str] = field(default_factory=list)
    unshared: set[str] = field(default_factory=set)
    spent: bool = False
    commit_lag: float = 0.0
    locks: dict[str, int] = field(default_factory=dict)
    bulk_stops_after: int | None = None
    schema: Cached | None = None


@dataclass(frozen=True, slots=True)
class Org:
    """One org. `lock` is held while a request is answered; `now` is the far side's clock."""

    state: State
    now: Callable[[], Instant]
    options: Options
    memory: Memory = field(default_factory=Memory)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def schema(self) -> Schema:
        """What there is and what the user sees; read anew only when something about it was written."""
        rows = schema_rows(self.state)
        known = self.memory.schema
        if known is None or known.rows != rows:
            known = self.memory.schema = Cached(rows, read_schema(self.state, self.options.without, USER_ID))
        return known.schema

    @property
    def lag(self) -> float:
        return self.memory.commit_lag or self.options.commit_lag


def open_org(state: State, now: Callable[[], Instant], options: Options) -> Org:
    """An org on a state. What every org has is put there the first time."""
    org = Org(state, now, options)
    if state.get("Organization", ORG_ID) is None:
        with state:
            _found(org)
    return org


def _found(org: Org) -> None:
    told = {"CreatedDate": stamp(org.now()), "SystemModstamp": stamp(org.now())}
    for kind, rows in _first_rows(org.options).items():
        org.state.put_many(kind, [(row["Id"], row | told) for row in rows])
    if "Web_Activity__c" not in org.options.without:
        org.state.put("CustomObject", "Web_Activity__c", {"DeveloperName": "Web_Activity"})
        for name, more in WEB_ACTIVITY.items():
            make_field(org, "Web_Activity__c", name.removesuffix("__c"), more)
    for path in (*sorted(org.options.sees), *(f"Web_Activity__c.{name}" for name in WEB_ACTIVITY)):
        grant(org, path)


def _first_rows(options: Options) -> Mapping[str, list[Row]]:
    organization = {
        "Id": ORG_ID,
        "Name": options.org_name,
        "InstanceName": "JPN00",
        "IsSandbox": True,
        "OrganizationType": "Enterprise Edition",
        "LanguageLocaleKey": "ja",
        "TimeZoneSidKey": "Asia/Tokyo",
    }
    people = (
        (USER_ID, options.username, "連携ユーザー"),
        (ADMIN_ID, "admin@leadheat.sandbox", "管理者"),
        (REP_ID, "sales@leadheat.sandbox", "営業担当"),
    )
    return {
        "Organization": [organization],
        "User": [_user(*who) for who in people],
        "Group": [{"Id": QUEUE_ID, "Name": "リード割り当て", "DeveloperName": "Lead_Queue", "Type": "Queue"}],
        "PermissionSet": [{"Id": PERMISSION_SET_ID, "Name": "Integration_Base", "Label": "連携の基本"}],
        "PermissionSetAssignment": [
            {"Id": numbered_id("0Pa", 1), "AssigneeId": USER_ID, "PermissionSetId": PERMISSION_SET_ID}
        ],
    }


def _user(id_: str, username: str, name: str) -> Row:
    return {
        "Id": id_,
        "Username": username,
        "LastName": name,
        "Name": name,
        "Email": f"sandbox+{username}",
        "IsActive": True,
        "UserType": "Standard",
        "TimeZoneSidKey": "Asia/Tokyo",
        "LanguageLocaleKey": "ja",
    }


def make_field(org: Org, object: str, name: str, metadata: Mapping[str, Any]) -> str:
    """A custom field that nobody sees yet (NOTES 70); returns its id."""
    (id_,) = new_ids(org.state, "CustomField")
    row = {
        "Id": id_,
        "TableEnumOrId": object,
        "DeveloperName": name,
        "Metadata": dict(metadata),
        "SystemModstamp": stamp(org.now()),
    }
    org.state.put("CustomField", id_, row)
    return id_


def grant(org: Org, path: str, *, edit: bool = True) -> None:
    """Let the integration user see a field, by the permission set it has from the start."""
    (id_,) = new_ids(org.state, "FieldPermissions")
    row = {
        "Id": id_,
        "ParentId": PERMISSION_SET_ID,
        "SobjectType": path.partition(".")[0],
        "Field": path,
        "PermissionsRead": True,
        "PermissionsEdit": edit,
        "SystemModstamp": stamp(org.now()),
    }
    org.state.put("FieldPermissions", id_, row)


def custom_fields(org: Org, object: str) -> Iterator[Row]:
    """The rows of an object's custom fields."""
    for row in list(org.state.all("CustomField").values()):
        if row["TableEnumOrId"] == object and not row.get("IsDeleted"):
            yield row
