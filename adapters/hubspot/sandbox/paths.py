"""Where each API stands: the dated paths and the numbered ones before them (NOTES 2)."""

from __future__ import annotations

DATED = ("2026-09", "2026-03")


def _both(numbered: str, *dated: str) -> tuple[str, ...]:
    return (numbered, *(path.format(version) for version in DATED for path in dated))


OBJECTS = _both("/crm/v3/objects", "/crm/objects/{}")
PROPERTIES = _both("/crm/v3/properties", "/crm/properties/{}")
LISTS = _both("/crm/v3/lists", "/crm/lists/{}")
ASSOCIATIONS_V3 = ("/crm/v3/associations",)
ASSOCIATIONS = _both("/crm/v4/associations", "/crm/associations/{}")
OBJECT_ASSOCIATIONS = _both("/crm/v4/objects", "/crm/objects/{}")
OWNERS = _both("/crm/v3/owners", "/crm/owners/{}")
PIPELINES = _both("/crm/v3/pipelines", "/crm/pipelines/{}")
LIMITS = _both("/crm/v3/limits", "/crm/limits/{}")
EVENTS = _both("/events/v3/events", "/events/event-occurrences/{}")
MARKETING_EVENTS = _both("/marketing/v3/marketing-events", "/marketing/marketing-events/{}")
ACCOUNT_INFO = _both("/account-info/v3", "/account-info/{}")
TOKEN = ("/oauth/v1/token", *_both("/oauth/v3/token", "/oauth/{}/token"))
# the per-object GET is in the 2026-03 specification and absent from the 2026-09 one (NOTES 2)
OBJECT_ASSOCIATIONS_READ = ("/crm/v4/objects", "/crm/objects/2026-03")
# no dated version (NOTES 2)
FORMS = ("/marketing/v3/forms",)
SUBMISSIONS = ("/form-integrations/v1/submissions/forms",)
CAMPAIGNS = ("/email/public/v1/campaigns",)
MAIL_EVENTS = ("/email/public/v1/events",)
# what extractors still read on the paths of v1 and v2 (NOTES 105 to 107)
PROPERTIES_V2 = ("/properties/v1", "/properties/v2")
COMPANIES_V2 = ("/companies/v2",)
DEALS_V1 = ("/deals/v1/deal",)
ENGAGEMENTS_V1 = ("/engagements/v1/engagements",)
SCHEMAS = ("/crm/v3/schemas", *_both("/crm-object-schemas/v3/schemas", "/crm-object-schemas/{}/schemas"))
