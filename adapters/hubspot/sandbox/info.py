"""The account itself: who it is, what it has used, who works in it, its pipelines and limits (NOTES 10, 13, 14, 29)."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import MILLISECOND, Json, iso_ms, not_found, number_asked
from adapters.hubspot.sandbox.cursors import page_of
from adapters.hubspot.sandbox.gate import Gate
from adapters.hubspot.sandbox.kinds import KINDS, kind_of
from adapters.hubspot.sandbox.pipelines import pipelines
from adapters.hubspot.sandbox.points import Answerer
from adapters.hubspot.sandbox.properties import CUSTOM_PROPERTIES, own_properties
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row
from connector.instants import DAY, datetime_of, instant_of

OWNERS_PAGE = 500


def details(account: Account, request: Request) -> Response:
    options = account.options
    offset = datetime_of(account.clock(), account.zone).utcoffset()
    seconds = int(offset.total_seconds()) if offset else 0
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return json_response(
        {
            "portalId": options.portal_id,
            "accountType": "STANDARD",
            "timeZone": options.time_zone,
            "companyCurrency": options.currency,
            "additionalCurrencies": [],
            "utcOffset": f"{sign}{minutes // 60:02d}:{minutes % 60:02d}",
            "utcOffsetMilliseconds": seconds * 1_000,
            "uiDomain": options.ui_domain,
            "dataHostingLocation": "na1",
        }
    )


def usage(gate: Gate) -> Answerer:
    """GET api-usage/daily/private-apps: what today has used, and when the count begins anew."""

    def answer(account: Account, request: Request) -> Response:
        used = gate.counters.today if gate.counters.day == account.today() else 0
        row = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": account.options.daily,
            "currentUsage": used,
            "collectedAt": iso_ms(account.now),
            "fetchStatus": "SUCCESS",
            "resetsAt": iso_ms(midnight_after(account)),
        }
        return json_response({"results": [row]})

    return answer


def midnight_after(account: Account) -> int:
    """The end of the account's day, in milliseconds (NOTES 21)."""
    here = datetime_of(account.clock(), account.zone)
    start = here.replace(hour=0, minute=0, second=0, microsecond=0)
    noon = datetime_of(instant_of(start) + DAY + DAY // 2, account.zone)
    return instant_of(noon.replace(hour=0)) // MILLISECOND


# ---- owners and pipelines ------------------------------------------------------------------------------------------


def list_owners(account: Account, request: Request) -> Response:
    """GET the account's users. `email` asks for one of them."""
    asked = request.args.get("email")
    rows = [o for o in account.state.all("owners").values() if asked in {None, "", o["email"]}]
    if request.args.get("archived", "").lower() == "true":
        rows = []
    here, more = page_of(request, rows, number_asked(request, "limit", 100, OWNERS_PAGE))
    return json_response({"results": list(here), **more})


def read_owner(account: Account, request: Request, id_: str) -> Response:
    rows = account.state.all("owners").values()
    key = "userId" if request.args.get("idProperty") == "userId" else "id"
    found = next((o for o in rows if str(o[key]) == id_), None)
    if found is None:
        raise not_found()
    return json_response(found)


def list_pipelines(account: Account, request: Request, word: str) -> Response:
    return json_response({"results": list(pipelines(kind_of(word)).values())})


def _pipeline(word: str, id_: str) -> Row:
    found = pipelines(kind_of(word)).get(id_)
    if found is None:
        raise not_found()
    return found


def read_pipeline(account: Account, request: Request, word: str, id_: str) -> Response:
    return json_response(_pipeline(word, id_))


def list_stages(account: Account, request: Request, word: str, id_: str) -> Response:
    return json_response({"results": _pipeline(word, id_)["stages"]})


def list_schemas(account: Account, request: Request) -> Response:
    """GET custom objects: the account has none."""
    return json_response({"results": []})


# ---- limits --------------------------------------------------------------------------------------------------------


def custom_property_limits(account: Account, request: Request) -> Response:
    """GET how many properties of its own each object has, and may have."""
    rows = [_used(kind.type_id, kind.name, len(own_properties(account, kind)), CUSTOM_PROPERTIES) for kind in KINDS]
    used = sum(row["usage"] for row in rows)
    most = CUSTOM_PROPERTIES * len(KINDS)
    whole = {"overallLimit": most, "overallUsage": used, "overallPercentage": round(100 * used / most, 2)}
    return json_response({**whole, "byObjectType": rows})


def record_limits(account: Account, request: Request) -> Response:
    rows = [_used(kind.type_id, kind.name, len(account.shelf(kind.name).live), RECORDS) for kind in KINDS[:3]]
    none: Json = {"byObjectType": [], "overallLimit": 0, "overallUsage": 0, "overallPercentage": 0.0}
    return json_response({"hubspotDefinedObjectTypes": rows, "customObjectTypes": none})


RECORDS = 15_000_000


def _used(type_id: str, name: str, used: int, most: int) -> dict[str, Any]:
    label = name.replace("_", " ").title()
    names = {"objectTypeId": type_id, "singularLabel": label.removesuffix("s"), "pluralLabel": label}
    return {**names, "limit": most, "usage": used, "percentage": round(100 * used / most, 2)}
