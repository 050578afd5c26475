"""The pipelines every account begins with (NOTES 14), and what follows from a deal's stage."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.hubspot.sandbox.kinds import Kind
from adapters.sandbox.state import Row

BORN = "2019-08-06T02:41:08Z"
OPEN, WON, LOST = "appointmentscheduled", "closedwon", "closedlost"
_STAGES = (
    (OPEN, "Appointment Scheduled", "0.2"), ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"), (WON, "Closed Won", "1.0"), (LOST, "Closed Lost", "0.0"),
)  # fmt: skip


def _stage(order: int, id_: str, label: str, probability: str) -> Row:
    told = {"isClosed": "true" if id_ in {WON, LOST} else "false", "probability": probability}
    return {"id": id_, "label": label, "displayOrder": order, "metadata": told, **_STAMPS}


_STAMPS = {"createdAt": BORN, "updatedAt": BORN, "archived": False}
_SALES: Row = {
    "id": "default", "label": "Sales Pipeline", "displayOrder": 0, **_STAMPS,
    "stages": [_stage(n, *stage) for n, stage in enumerate(_STAGES)],
}  # fmt: skip


def pipelines(kind: Kind) -> Mapping[str, Row]:
    """The pipelines of an object by id."""
    return {"default": _SALES} if kind.name == "deals" else {}


def follows(kind: Kind, values: Mapping[str, str]) -> dict[str, str]:
    """What HubSpot calculates from other values: whether a deal is closed, and how, by its stage."""
    if kind.name != "deals":
        return {}
    stage = values.get("dealstage", "")
    told = {"hs_is_closed": stage in {WON, LOST}, "hs_is_closed_won": stage == WON, "hs_is_closed_lost": stage == LOST}
    return {name: "true" if holds else "false" for name, holds in told.items()}
