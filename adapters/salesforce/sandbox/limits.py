"""The day's allowance, and being too many at once (NOTES 13-15)."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import json_answer, refused
from adapters.salesforce.sandbox.org import Org
from connector.instants import DAY, MINUTE

LONGEST_HEAD = 16_384


def count_call(org: Org) -> None:
    """One more call, remembered by the minute. Raises Refused when the last 24 hours have seen too many."""
    if used(org) >= org.options.daily_requests:
        raise refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    minute = org.now() // MINUTE * MINUTE
    org.memory.calls[minute] = org.memory.calls.get(minute, 0) + 1


def check_size(request: Request) -> None:
    """Address and headers together hold at most 16,384 bytes (NOTES 20). Raises Refused."""
    address = len(request.environ.get("REQUEST_URI") or request.full_path)
    if address > LONGEST_HEAD:
        raise refused(414, "URI_TOO_LONG", "URI Too Long")
    if address + sum(len(name) + len(value) + 4 for name, value in request.headers.items()) > LONGEST_HEAD:
        raise refused(431, "REQUEST_HEADER_FIELDS_TOO_LARGE", "Request Header Fields Too Large")


def used(org: Org) -> int:
    """Calls in the last 24 hours, of everybody: the window rolls, it does not begin at midnight."""
    calls = org.memory.calls
    for minute in [m for m in calls if m <= org.now() - DAY]:
        del calls[minute]
    return org.options.daily_requests if org.memory.spent else sum(calls.values())


def limit_info(org: Org) -> str:
    return f"api-usage={used(org)}/{org.options.daily_requests}"


def limits(org: Org, request: Request, version: str) -> Response:
    """`GET limits`"""
    most = org.options.daily_requests
    jobs = len([job for job in org.state.all("job").values() if job["createdAt"] > org.now() - DAY])
    told = {
        "DailyApiRequests": (most, most - used(org)),
        "DailyAsyncApexExecutions": (250_000, 250_000),
        "DailyBulkApiBatches": (15_000, 15_000),
        "DailyBulkV2QueryJobs": (10_000, 10_000 - jobs),
        "DailyBulkV2QueryFileStorageMB": (976_562, 976_562),
        "DataStorageMB": (10_240, 10_000),
        "FileStorageMB": (10_240, 10_200),
    }
    return json_answer({name: {"Max": top, "Remaining": max(0, left)} for name, (top, left) in told.items()})


def weather(org: Org) -> None:
    """Raises Refused while the far side is made to be too busy."""
    memory = org.memory
    if memory.crowded > 0:
        memory.crowded -= 1
        message = "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
        raise refused(403, "REQUEST_LIMIT_EXCEEDED", message)
    if memory.throttled > 0:
        memory.throttled -= 1
        raise refused(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable. Please try again later.")
