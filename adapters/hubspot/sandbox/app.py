"""Every endpoint, on every path it has had, behind one door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox import (
    associations,
    associations_v3,
    batch,
    engagement,
    info,
    legacy,
    lists,
    oauth,
    paths,
    properties,
    records,
    search,
)
from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import correlation, worded
from adapters.hubspot.sandbox.cursors import encoded_once
from adapters.hubspot.sandbox.gate import Gate, with_headers
from adapters.hubspot.sandbox.points import Point
from adapters.sandbox.faults import with_faults
from adapters.sandbox.server import app_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ANY_OBJECT = tuple(
    f"crm.objects.{name}.{way}" for name in ("contacts", "companies", "deals") for way in ("read", "write")
)
MARKETING = ("crm.objects.marketing_events.read",)
READ_LISTS, WRITE_LISTS = ("crm.lists.read",), ("crm.lists.write",)
OWNERS = ("crm.objects.owners.read",)

RECORDS = (
    Point("GET", paths.OBJECTS, "/<word>", records.list_records, "read"),
    Point("POST", paths.OBJECTS, "/<word>", records.create_record, "write"),
    Point("POST", paths.OBJECTS, "/<word>/batch/read", batch.read_batch, "read"),
    Point("POST", paths.OBJECTS, "/<word>/batch/update", batch.update_batch, "write"),
    Point("POST", paths.OBJECTS, "/<word>/batch/create", batch.create_batch, "write"),
    Point("POST", paths.OBJECTS, "/<word>/batch/upsert", batch.upsert_batch, "write"),
    Point("POST", paths.OBJECTS, "/<word>/batch/archive", batch.archive_batch, "write"),
    Point("POST", paths.OBJECTS, "/<word>/search", search.search_records, "read"),
    Point("POST", paths.OBJECTS, "/<word>/gdpr-delete", records.erase_contact, "write"),
    Point("POST", paths.OBJECTS, "/<word>/merge", records.merge_records, "write"),
    Point("GET", paths.OBJECTS, "/<word>/<id_>", records.read_record, "read"),
    Point("PATCH", paths.OBJECTS, "/<word>/<id_>", records.change_record, "write"),
    Point("DELETE", paths.OBJECTS, "/<word>/<id_>", records.archive_record, "write"),
)
PROPERTIES = (
    Point("GET", paths.PROPERTIES, "/<word>", properties.list_properties, "read schema"),
    Point("POST", paths.PROPERTIES, "/<word>", properties.create_property, "write schema"),
    Point("POST", paths.PROPERTIES, "/<word>/batch/create", properties.create_properties, "write schema"),
    Point("POST", paths.PROPERTIES, "/<word>/batch/read", properties.read_properties, "read schema"),
    Point("POST", paths.PROPERTIES, "/<word>/batch/archive", properties.archive_properties, "write schema"),
    Point("GET", paths.PROPERTIES, "/<word>/groups", properties.list_groups, "read schema"),
    Point("POST", paths.PROPERTIES, "/<word>/groups", properties.create_group, "write schema"),
    Point("GET", paths.PROPERTIES, "/<word>/groups/<name>", properties.read_group, "read schema"),
    Point("PATCH", paths.PROPERTIES, "/<word>/groups/<name>", properties.change_group, "write schema"),
    Point("DELETE", paths.PROPERTIES, "/<word>/groups/<name>", properties.archive_group, "write schema"),
    Point("GET", paths.PROPERTIES, "/<word>/<name>", properties.read_property, "read schema"),
    Point("PATCH", paths.PROPERTIES, "/<word>/<name>", properties.change_property, "write schema"),
    Point("DELETE", paths.PROPERTIES, "/<word>/<name>", properties.archive_property, "write schema"),
)
BETWEEN, ONE = "/<word>/<far_word>", "/<word>/<id_>/associations"
LINKS = (
    Point("POST", paths.ASSOCIATIONS, BETWEEN + "/batch/read", associations.read_links, "read"),
    Point("POST", paths.ASSOCIATIONS, BETWEEN + "/batch/create", associations.create_links, "write"),
    Point("POST", paths.ASSOCIATIONS, BETWEEN + "/batch/archive", associations.archive_links, "write"),
    Point("POST", paths.ASSOCIATIONS, BETWEEN + "/batch/associate/default", associations.create_default_links, "write"),
    Point("GET", paths.ASSOCIATIONS, BETWEEN + "/labels", associations.labels, "read"),
    Point("GET", paths.OBJECT_ASSOCIATIONS_READ, ONE + "/<far_word>", associations.list_links, "read"),
    Point("GET", paths.OBJECTS[:1], ONE + "/<far_word>", associations_v3.list_links, "read"),
    Point("POST", paths.ASSOCIATIONS_V3, BETWEEN + "/batch/read", associations_v3.read_links, "read"),
    Point("GET", paths.ASSOCIATIONS_V3, BETWEEN + "/types", associations_v3.list_types, "read"),
    Point("PUT", paths.OBJECT_ASSOCIATIONS, ONE + "/<far_word>/<far>", associations.put_link, "write"),
    Point("DELETE", paths.OBJECT_ASSOCIATIONS, ONE + "/<far_word>/<far>", associations.remove_link, "write"),
    Point("PUT", paths.OBJECT_ASSOCIATIONS, ONE + "/default/<far_word>/<far>", associations.put_default_link, "write"),
)
LISTS = (
    Point("GET", paths.LISTS, "", lists.read_lists, READ_LISTS),
    Point("POST", paths.LISTS, "", lists.create_list, WRITE_LISTS),
    Point("POST", paths.LISTS, "/search", lists.search_lists, READ_LISTS),
    Point("GET", paths.LISTS, "/object-type-id/<word>/name/<path:name>", lists.read_list_by_name, READ_LISTS),
    Point("GET", paths.LISTS, "/records/<word>/<id_>/memberships", lists.lists_of_record, READ_LISTS),
    Point("POST", paths.LISTS, "/records/memberships/batch/read", lists.lists_of_records, READ_LISTS),
    Point("GET", paths.LISTS, "/<id_>", lists.read_list, READ_LISTS),
    Point("DELETE", paths.LISTS, "/<id_>", lists.delete_list, WRITE_LISTS),
    Point("PUT", paths.LISTS, "/<id_>/restore", lists.restore_list, WRITE_LISTS),
    Point("GET", paths.LISTS, "/<id_>/memberships", lists.list_members, READ_LISTS),
    Point("GET", paths.LISTS, "/<id_>/memberships/join-order", lists.list_members_by_time, READ_LISTS),
    Point("PUT", paths.LISTS, "/<id_>/memberships/add", lists.add_members, WRITE_LISTS),
    Point("PUT", paths.LISTS, "/<id_>/memberships/remove", lists.remove_members, WRITE_LISTS),
    Point("PUT", paths.LISTS, "/<id_>/memberships/add-and-remove", lists.add_and_remove_members, WRITE_LISTS),
    Point("PUT", paths.LISTS, "/<id_>/update-list-filters", lists.change_filters, WRITE_LISTS),
    Point("PUT", paths.LISTS, "/<id_>/update-list-name", lists.rename_list, WRITE_LISTS),
)
DOINGS = (
    Point("GET", paths.EVENTS, "", engagement.list_events, ("oauth",)),
    Point("GET", paths.EVENTS, "/event-types", engagement.event_types, ("oauth",)),
    Point("GET", paths.FORMS, "", engagement.list_forms, ("forms",)),
    Point("GET", paths.FORMS, "/<id_>", engagement.read_form, ("forms",)),
    Point("GET", paths.SUBMISSIONS, "/<id_>", engagement.list_submissions, ("forms",)),
    Point("GET", paths.MAIL_EVENTS, "", engagement.list_mail_events, ("content",)),
    Point("GET", paths.CAMPAIGNS, "", engagement.list_campaigns, ("content",)),
    Point("GET", paths.CAMPAIGNS, "/by-id", engagement.list_campaigns, ("content",)),
    Point("GET", paths.CAMPAIGNS, "/<id_>", engagement.read_campaign, ("content",)),
    Point("GET", paths.MARKETING_EVENTS, "", engagement.list_marketing_events, MARKETING),
    Point("GET", paths.MARKETING_EVENTS, "/<id_>", engagement.read_marketing_event, MARKETING),
    Point(
        "GET",
        paths.MARKETING_EVENTS,
        "/participations/contacts/<who>/breakdown",
        engagement.breakdown_of_contact,
        MARKETING,
    ),
    Point("GET", paths.MARKETING_EVENTS, "/participations/<id_>/breakdown", engagement.breakdown_of_event, MARKETING),
)
COMPANIES = ("crm.objects.companies.read",)
DEALS = ("crm.objects.deals.read",)
ACTIVITIES = (*COMPANIES, *DEALS, "crm.objects.contacts.read", "tickets", "e-commerce")
LEGACY = (
    Point("GET", paths.PROPERTIES_V2, "/form/properties", legacy.list_form_properties, ("forms",)),
    Point("GET", paths.PROPERTIES_V2, "/<word>/properties", legacy.list_properties, "read schema"),
    Point(
        "GET",
        paths.COMPANIES_V2,
        "/properties",
        legacy.list_company_properties,
        ("crm.schemas.companies.read", *COMPANIES),
    ),
    Point("GET", paths.COMPANIES_V2, "/companies/paged", legacy.list_companies, COMPANIES),
    Point("GET", paths.COMPANIES_V2, "/companies/<id_>", legacy.read_company, COMPANIES),
    Point("GET", paths.DEALS_V1, "/paged", legacy.list_deals, DEALS),
    Point("GET", paths.ENGAGEMENTS_V1, "/paged", legacy.list_engagements, ACTIVITIES),
    Point("GET", paths.ENGAGEMENTS_V1, "/recent/modified", legacy.list_recent_engagements, ACTIVITIES),
)
THE_ACCOUNT = (
    Point("GET", paths.ACCOUNT_INFO, "/details", info.details),
    Point("GET", paths.OWNERS, "", info.list_owners, OWNERS),
    Point("GET", paths.OWNERS, "/<id_>", info.read_owner, OWNERS),
    Point("GET", paths.PIPELINES, "/<word>", info.list_pipelines, "read"),
    Point("GET", paths.PIPELINES, "/<word>/<id_>", info.read_pipeline, "read"),
    Point("GET", paths.PIPELINES, "/<word>/<id_>/stages", info.list_stages, "read"),
    Point("GET", paths.SCHEMAS, "", info.list_schemas, ("crm.schemas.custom.read", "crm.schemas.contacts.read")),
    Point("GET", paths.LIMITS, "/custom-properties", info.custom_property_limits, ANY_OBJECT),
    Point("GET", paths.LIMITS, "/records", info.record_limits, ANY_OBJECT),
    Point("POST", paths.TOKEN, "", oauth.token),
    Point("POST", paths.TOKEN[1:], "/introspect", oauth.introspect),
    Point("GET", ("/oauth/v1/access-tokens",), "/<token>", oauth.about_token),
)


def make_app(account: Account, gate: Gate) -> WSGIApplication:
    """The account as an application. Requests are answered one after the other: what they read and write is one."""
    points: Iterable[Point] = (
        *RECORDS, *PROPERTIES, *LINKS, *LISTS, *DOINGS, *LEGACY, *THE_ACCOUNT,
        Point("GET", paths.ACCOUNT_INFO, "/api-usage/daily/private-apps", info.usage(gate)),
    )  # fmt: skip
    routes = [route for point in points for route in point.routes(account)]

    def before(request: Request) -> Response | None:
        account.state.refresh()
        gate.enter(request)
        return None

    inner = app_of(routes, otherwise=worded, before=before)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if account.options.cursors_twice:
            environ["QUERY_STRING"] = encoded_once(environ.get("QUERY_STRING", ""))
        with account.lock:
            answer = Response.from_app(inner, environ, buffered=True)
            told = {**gate.headers(environ["PATH_INFO"]), "X-HubSpot-Correlation-Id": correlation()}
        return with_headers(answer, told)(environ, start_response)

    return with_faults(app, gate.fault)
