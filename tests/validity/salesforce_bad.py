"""Requests that Salesforce would refuse, or regret, each with the rule that must say so. Each is a good request of the
tour with one thing made wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote_plus

from adapters.salesforce.provision import metadata
from connector.results import BY_NAME
from tests.validity.salesforce_rules import Asked

Spoil = Callable[[Asked], Asked]


def headed(**more: str) -> Spoil:
    """Other headers; an empty value takes one away."""
    told = {name.replace("_", "-"): value for name, value in more.items()}

    def spoilt(asked: Asked) -> Asked:
        headers = {**asked.headers, **told}
        return replace(asked, headers={k: v for k, v in headers.items() if v})

    return spoilt


def body(**more: Any) -> Spoil:
    """Other values in a JSON body; `...` takes one away."""

    def spoilt(asked: Asked) -> Asked:
        told = {k: v for k, v in {**asked.document, **more}.items() if v is not ...}
        return replace(asked, body=json.dumps(told).encode())

    return spoilt


def record(**more: Any) -> Spoil:
    """The first record of a collection, changed."""

    def spoilt(asked: Asked) -> Asked:
        told = asked.document
        first = {k: v for k, v in {**told["records"][0], **more}.items() if v is not ...}
        return body(records=[first, *told["records"][1:]])(asked)

    return spoilt


def records(times: int = 1, **more: Any) -> Spoil:
    """Only the first record, so many times, the last of them changed."""

    def spoilt(asked: Asked) -> Asked:
        first = asked.document["records"][0]
        return body(records=[*[first] * (times - 1), {**first, **more}])(asked)

    return spoilt


def defined(result: str, **more: Any) -> Spoil:
    told = {k: v for k, v in {**metadata(BY_NAME[result]), **more}.items() if v is not ...}
    return body(Metadata=told)


def soql(text: str) -> Spoil:
    def spoilt(asked: Asked) -> Asked:
        if asked.kind == "query job":
            return body(query=text)(asked)
        return replace(asked, search="q=" + quote_plus(text))

    return spoilt


def form(text: str) -> Spoil:
    return lambda asked: replace(asked, body=text.encode())


def csv(text: str | bytes) -> Spoil:
    return lambda asked: replace(asked, body=text if isinstance(text, bytes) else text.encode())


def at(path: str) -> Spoil:
    return lambda asked: replace(asked, path=path)


LEAD = "00Q5g00000000G8EAI"
WHERE = "SELECT Id FROM Lead WHERE {} ORDER BY Id"
ONE = '"Id","{}"\n"' + LEAD + '","{}"\n'
DATA = "/services/data/v67.0"

BAD: tuple[tuple[str, str, Spoil], ...] = (
    # rule, kind of the good request, what is made wrong
    ("known", "query", at("/services/data/v66.0/query/")),
    ("known", "query", at(f"{DATA}/search/")),
    ("known", "collection", at(f"{DATA}/sobjects/Lead/{LEAD}")),
    ("known", "update job, look", at("/services/data/v58.0/jobs/ingest/7505g00000000G8AAI")),
    ("known", "field", at(f"{DATA}/sobjects/Lead")),
    ("signed", "query", headed(authorization="")),
    ("signed", "describe", lambda a: replace(a, search="oauth_token=x")),
    ("short", "query", soql(WHERE.format(" OR ".join(f"Title = '{n:040}'" for n in range(40))))),
    ("short", "query", headed(cookie="x" * 17_000)),
    ("quiet", "collection", headed(sforce_auto_assign="")),
    ("quiet", "collection", headed(sforce_auto_assign="TRUE")),
    ("quiet", "update job", headed(sforce_auto_assign="")),
    ("json_both_ways", "collection", headed(content_type="text/plain")),
    ("json_both_ways", "field", csv(b'{"FullName": "\xe3"}')),
    ("token_asked_for_by_form", "token", headed(content_type="application/json")),
    ("token_asked_for_by_form", "token", headed(host="login.salesforce.com")),
    ("token_asked_for_by_form", "token", headed(host="acme.lightning.force.com")),
    ("token_asked_for_by_form", "token", form("grant_type=password&username=u&password=p")),
    ("token_asked_for_by_form", "token", form("grant_type=client_credentials&client_id=i")),
    ("is_soql", "query", soql("SELECT * FROM Lead")),
    ("is_soql", "query", soql("SELECT Id FROM Lead WHERE Title = 'O'Neil'")),
    ("is_soql", "query", soql('SELECT Id FROM Lead WHERE Title = "x"')),
    ("is_soql", "query", soql("SELECT Id FROM Lead WHERE IsDeleted = false AND Title = 'a' OR Title = 'b'")),
    ("is_soql", "query", soql("SELECT Id, (SELECT Id FROM Tasks) FROM Lead ORDER BY Id")),
    ("is_soql", "query", soql("SELECT Id FROM Lead ORDER BY")),
    ("is_soql", "query", soql(f"SELECT Id FROM Lead WHERE Title = '{'x' * 4_001}'")),
    ("is_soql", "query job", soql("SELECT COUNT(Id) FROM Lead")),
    ("names_are_seen", "query", soql("SELECT Id, Nobody__c FROM Lead ORDER BY Id")),
    ("names_are_seen", "query", soql("SELECT Id FROM Nothing__c ORDER BY Id")),
    ("names_are_seen", "query", soql("SELECT Id, DoNotCall FROM Lead ORDER BY Id")),
    ("names_are_seen", "query", soql("SELECT Id, Account.Name FROM Lead ORDER BY Id")),
    ("names_are_seen", "query", soql("SELECT Id, Id FROM Lead ORDER BY Id")),
    ("names_are_seen", "query job", soql("SELECT Id, Address FROM Lead")),
    ("only_filterable_in_conditions", "query", soql(WHERE.format("Leadheat_Reasons__c = 'x'"))),
    ("only_filterable_in_conditions", "query", soql(WHERE.format("Description != null"))),
    ("literals_fit", "query", soql(WHERE.format("SystemModstamp < '2026-01-01T00:00:00Z'"))),
    ("literals_fit", "query", soql(WHERE.format("SystemModstamp < 2026-01-01"))),
    ("literals_fit", "query", soql(WHERE.format("Title = 5"))),
    ("literals_fit", "query", soql(WHERE.format("IsConverted = 'false'"))),
    ("literals_fit", "query", soql(WHERE.format("Id > '00Q5g00000000G8'"))),
    ("literals_fit", "query", soql(WHERE.format("Id > '00Q5g00000000G8EAZ'"))),
    ("lists_are_short", "query", soql(WHERE.format("Id IN (" + ",".join([f"'{LEAD}'"] * 51) + ")"))),
    ("one_long_text_a_page", "query", soql("SELECT Id, Leadheat_Reasons__c, Leadheat_Detail__c FROM Lead ORDER BY Id")),
    ("ordered_to_the_last", "query", soql("SELECT Id FROM Lead")),
    ("ordered_to_the_last", "query", soql("SELECT Id FROM Lead ORDER BY SystemModstamp")),
    ("ordered_to_the_last", "query", soql("SELECT Id FROM Lead ORDER BY Id LIMIT 10")),
    ("window_is_closed", "query", soql(WHERE.format("SystemModstamp >= 2026-01-01T00:00:00Z"))),
    ("window_is_closed", "query", soql("SELECT Id FROM Lead ORDER BY SystemModstamp, Id")),
    ("bulk_query", "query job", soql("SELECT Id FROM Lead ORDER BY Id")),
    ("bulk_query", "query job", soql("SELECT Id FROM Lead LIMIT 5")),
    ("bulk_query", "query job", soql("SELECT Id FROM TaskWhoRelation")),
    ("bulk_query", "query job", body(operation="delete")),
    ("bulk_query", "query job", body(columnDelimiter="TAB")),
    ("bulk_results", "query job, results", lambda a: replace(a, search="maxRecords=50000&locator=null")),
    ("bulk_results", "query job, results", lambda a: replace(a, search="maxRecords=many")),
    ("collection", "collection", body(allOrNone=...)),
    ("collection", "collection", body(allOrNone=True)),
    ("collection", "collection", body(records=[])),
    ("collection", "collection", records(201)),
    ("collection", "collection", records(2)),
    ("collection", "collection", records(2, attributes={"type": "Contact"}, id="0035g00000000G8AAI")),
    ("collection", "collection", record(attributes=...)),
    ("collection", "collection", record(attributes={"type": "Account"})),
    ("collection", "collection", record(id="00Q5g00000000G8")),
    ("collection", "collection", record(id="00Q5g00000000G8EAZ")),
    ("collection", "collection", record(id="0035g00000000G8AAI")),
    ("collection", "collection", record(Leadheat_Hot__c=None)),
    ("collection", "collection", record(Leadheat_Hot__c="true")),
    ("collection", "collection", record(Leadheat_Score__c="87")),
    ("collection", "collection", record(Leadheat_Score__c=10**9)),
    ("collection", "collection", record(Leadheat_Scored_At__c="2026-01-02 03:04:05")),
    ("collection", "collection", record(Leadheat_Scored_At__c=1_767_323_045_000)),
    ("collection", "collection", record(Leadheat_Top_Reason__c="x" * 256)),
    ("collection", "collection", record(Leadheat_Top_Reason__c="")),
    ("collection", "collection", record(LastName="鈴木")),
    ("collection", "collection", record(Leadheat_Nobody__c="x")),
    ("update_job", "update job", body(assignmentRuleId="01Q000000000001")),
    ("update_job", "update job", body(operation="upsert")),
    ("update_job", "update job", body(lineEnding="CRLF")),
    ("update_job", "update job", body(object="Account")),
    ("upload", "update job, upload", headed(content_type="text/csv")),
    ("upload", "update job, upload", csv(b"\xef\xbb\xbf" + ONE.format("Leadheat_Score__c", "1").encode())),
    ("upload", "update job, upload", csv("理由".encode("cp932"))),
    ("upload", "update job, upload", csv(ONE.format("Leadheat_Score__c", "1").replace("\n", "\r\n"))),
    ("upload", "update job, upload", csv(ONE.format("Leadheat_Score__c", "1") + f'"{LEAD}","2"\n')),
    ("upload", "update job, upload", csv('"Leadheat_Score__c"\n"1"\n')),
    ("upload", "update job, upload", csv('"Id","Leadheat_Score__c"\n')),
    ("upload", "update job, upload", csv(f'"Id","Leadheat_Score__c"\n"{LEAD}"\n')),
    ("upload", "update job, upload", csv(ONE.format("Leadheat_Hot__c", "#N/A"))),
    ("upload", "update job, upload", csv(ONE.format("Leadheat_Hot__c", "True"))),
    ("upload", "update job, upload", csv(ONE.format("Leadheat_Scored_At__c", "2026-01-02 03:04:05"))),
    ("upload", "update job, upload", csv(ONE.format("Leadheat_Score__c", "1e3"))),
    ("upload", "update job, upload", csv(ONE.format("Leadheat_Detail__c", "x" * 32_001))),
    ("upload", "update job, upload", csv(ONE.format("OwnerId", "0055g0000000001AAA"))),
    ("job_state", "update job, state", body(state="Closed")),
    ("job_list", "update jobs, list", lambda a: replace(a, search="createdById=me")),
    ("field_definition", "field", defined("score", scale=...)),
    ("field_definition", "field", defined("score", scale=10)),
    ("field_definition", "field", defined("score", type="Integer")),
    ("field_definition", "field", defined("score", precision="9")),
    ("field_definition", "field", defined("score", digits=9)),
    ("field_definition", "field", defined("hot", defaultValue=...)),
    ("field_definition", "field", defined("hot", defaultValue=False)),
    ("field_definition", "field", defined("hot", required=False)),
    ("field_definition", "field", defined("detail", visibleLines=...)),
    ("field_definition", "field", defined("detail", length=200_000)),
    ("field_definition", "field", defined("top_reason", length=256)),
    ("field_definition", "field", defined("band", valueSet={"valueSetDefinition": {"value": [{"fullName": "hot"}]}})),
    ("field_definition", "field", defined("band", valueSet={"restricted": True})),
    ("field_definition", "field", defined("scored_at", label="x" * 41)),
    ("field_definition", "field", body(FullName="Lead.Leadheat__Score__c")),
    ("field_definition", "field", body(FullName=f"Lead.{'X' * 41}__c")),
    ("permission_set", "permission set", body(Name="Leadheat Integration")),
    ("permission_set", "permission set", body(Label=...)),
    ("field_permission", "field permission", body(PermissionsRead=False)),
    ("field_permission", "field permission", body(Field="Lead.Leadheat_Score__c", SobjectType="Contact")),
    ("field_permission", "field permission", body(Field="Lead.OwnerId")),
    ("assignment", "assignment", body(AssigneeId="me")),
)
