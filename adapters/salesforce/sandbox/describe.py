"""What there is: versions, resources, objects, and fields as far as the user sees them (NOTES 16, 32-35)."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import json_answer
from adapters.salesforce.sandbox.ids import PREFIXES
from adapters.salesforce.sandbox.oauth import root
from adapters.salesforce.sandbox.org import ORG_ID, USER_ID, Org
from adapters.salesforce.sandbox.records import known_object
from adapters.salesforce.sandbox.schema import NUMBERS, TEXTS, Field, schema_rows
from adapters.salesforce.sandbox.stamps import http_date, instant
from connector.instants import Instant, instant_of

_SEASONS = ("Winter", "Spring", "Summer")
_RESOURCES = ("sobjects", "query", "queryAll", "limits", "composite", "jobs", "tooling")


def versions(org: Org, request: Request) -> Response:
    """`GET /services/data`: no session is needed."""
    return json_answer(
        [
            {"label": _release(n), "url": f"/services/data/v{n}.0", "version": f"{n}.0"}
            for n in range(org.options.oldest_version, org.options.newest_version + 1)
        ]
    )


def _release(version: int) -> str:
    """67.0 is Summer '26, and there are three a year (NOTES 2)."""
    season = _SEASONS[(version - 65) % 3]
    year = 26 + (version - 65) // 3
    return f"{season} '{year}"


def resources(org: Org, request: Request, version: str) -> Response:
    """`GET /services/data/vNN.N`"""
    base = f"/services/data/v{version}/"
    return json_answer({**{r: base + r for r in _RESOURCES}, "identity": f"{root(request)}/id/{ORG_ID}/{USER_ID}"})


def objects(org: Org, request: Request, version: str) -> Response:
    """`GET sobjects`"""
    told = [_head(name, version) for name in org.schema.seen]
    return json_answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": told})


def basic(org: Org, request: Request, version: str, name: str) -> Response:
    """`GET sobjects/{object}`"""
    return json_answer({"objectDescribe": _head(known_object(org, name), version), "recentItems": []})


def describe(org: Org, request: Request, version: str, name: str) -> Response:
    """`GET sobjects/{object}/describe`; 304 when nothing about it changed (NOTES 32)."""
    found = known_object(org, name)
    changed = _changed(org)
    headers = {"Last-Modified": http_date(changed)}
    since = request.headers.get("If-Modified-Since")
    if since and _moment(since) >= changed - changed % 1_000_000:
        return Response(status=304, headers=headers)
    fields = [_field(org, found, field) for field in org.schema.seen[found].values()]
    told = {**_head(found, version), "fields": fields, "childRelationships": [], "recordTypeInfos": []}
    return json_answer(told, headers=headers)


def _changed(org: Org) -> Instant:
    stamps = [row["SystemModstamp"] for row in schema_rows(org.state) if "SystemModstamp" in row]
    return max((instant(s) for s in stamps), default=0)


def _moment(text: str) -> Instant:
    try:
        return instant_of(parsedate_to_datetime(text))
    except ValueError:
        return 0


def _head(name: str, version: str) -> dict[str, Any]:
    url = f"/services/data/v{version}/sobjects/{name}"
    custom = name.endswith("__c")
    return {
        "name": name,
        "label": name.removesuffix("__c").replace("_", " "),
        "labelPlural": name.removesuffix("__c").replace("_", " ") + "s",
        "keyPrefix": PREFIXES.get(name, "a0X"),
        "custom": custom,
        "customSetting": False,
        "activateable": False,
        "createable": True,
        "deletable": True,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "layoutable": True,
        "mergeable": name in {"Lead", "Contact", "Account"},
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": True,
        "updateable": True,
        "urls": {"sobject": url, "describe": url + "/describe", "rowTemplate": url + "/{ID}"},
    }


_SOAP = {"boolean": "xsd:boolean", "int": "xsd:int", "date": "xsd:date", "datetime": "xsd:dateTime", "id": "tns:ID"}


def _field(org: Org, object: str, field: Field) -> dict[str, Any]:
    editable = org.schema.may_edit(object, field)
    text = field.type in TEXTS
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "length": field.length if text or field.type in {"id", "reference"} else 0,
        "byteLength": field.length * 3 if text else field.length,
        "precision": field.precision if field.type != "int" else 0,
        "digits": field.precision if field.type == "int" else 0,
        "scale": field.scale,
        "nillable": not field.required and field.type not in {"boolean", "id"} and field.name != "SystemModstamp",
        "updateable": editable,
        "createable": editable,
        "custom": field.custom,
        "calculated": False,
        "filterable": field.filterable,
        "sortable": field.filterable,
        "groupable": field.filterable and field.type not in NUMBERS,
        "aggregatable": field.filterable and field.type != "boolean",
        "nameField": field.name == "Name",
        "idLookup": field.name in {"Id", "Email"},
        "externalId": False,
        "unique": False,
        "caseSensitive": False,
        "defaultedOnCreate": field.type == "boolean" or field.name in {"OwnerId", "Status"},
        "defaultValue": False if field.type == "boolean" else None,
        "deprecatedAndHidden": False,
        "htmlFormatted": False,
        "extraTypeInfo": "plaintextarea" if field.type == "textarea" else None,
        "compoundFieldName": _compound(object, field.name),
        "controllerName": None,
        "inlineHelpText": None,
        "permissionable": field.custom or field.hidden,
        "picklistValues": [
            {"active": True, "defaultValue": n == 0, "label": v, "validFor": None, "value": v}
            for n, v in enumerate(field.values)
        ],
        "restrictedPicklist": field.restricted,
        "referenceTo": [t for t in field.targets if t in org.schema.all],
        "relationshipName": field.relationship,
        "soapType": _SOAP.get(field.type, "xsd:double" if field.type in NUMBERS else "xsd:string"),
    }


def _compound(object: str, name: str) -> str | None:
    if object in {"Lead", "Contact"} and name in {"LastName", "FirstName", "Salutation"}:
        return "Name"
    for prefix in ("Other", "Mailing", "Billing", ""):
        parts = {prefix + p for p in ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude")}
        if name in parts | {prefix + "GeocodeAccuracy"}:
            return prefix + "Address"
    return None
