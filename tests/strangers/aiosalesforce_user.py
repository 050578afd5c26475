"""What a user of aiosalesforce writes: signs in, reads every object, envelopes, bulk. One order in, one answer out.

It runs in that client's own environment, which has nothing of ours.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import httpx
from aiosalesforce import ClientCredentialsFlow, JwtBearerFlow, Salesforce


async def work(order: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    async with httpx.AsyncClient() as http:
        by_key = Salesforce(http, order["url"], JwtBearerFlow(order["id"], order["username"], order["key_file"]))
        told["organisations"] = [r["Name"] async for r in by_key.query("SELECT Name FROM Organization")]
        org = Salesforce(http, order["url"], ClientCredentialsFlow(order["id"], order["secret"]), version="67.0")
        told["limits"] = await org.get_limits()
        told["read"] = {}
        for name, fields in order["fields"].items():
            query = f"SELECT {', '.join(fields)} FROM {name}"
            told["read"][name] = [r async for r in org.query(query, include_all_records=True)]
        await _envelopes(org, order["leads"], told)
        await _bulk(org, order["leads"], told)
    return told


async def _envelopes(org: Salesforce, leads: list[str], told: dict[str, Any]) -> None:
    async with org.composite.batch() as batch:
        found = batch.query(f"SELECT Id, LastName FROM Lead WHERE Id = '{leads[0]}'")
        wrong = batch.query("SELECT Nope FROM Lead")
        update = batch.sobject.update("Lead", leads[0], {"Score__c": 11})
    told["batch"] = [found.records[0]["Id"], wrong.status_code, update.status_code]
    async with org.composite() as several:
        account = several.sobject.create("Account", {"Name": "株式会社見知らぬ"})
        person = {"LastName": "見知", "AccountId": str(account.reference.id)}
        contact = several.sobject.create("Contact", person)
    told["composite"] = [account.id, contact.id]
    told["contact"] = await org.sobject.get("Contact", contact.id)


async def _bulk(org: Salesforce, leads: list[str], told: dict[str, Any]) -> None:
    made = await org.bulk_v2.insert("Lead", [{"LastName": f'山"田,\n{n}', "Company": "C"} for n in range(5)])
    told["made"] = [r["sf__Id"] for r in made.successful_results]
    changed = await org.bulk_v2.update("Lead", [{"Id": i, "Score__c": 21} for i in leads])
    told["changed"] = [r["sf__Id"] for r in changed.successful_results]
    told["failed"] = [[r["sf__Id"], r["sf__Error"]] for r in changed.failed_results]


sys.stdout.write(json.dumps(asyncio.run(work(json.load(sys.stdin)))))
