"""HubSpot as a CRM."""

from adapters.hubspot.adapter import open_hubspot
from adapters.hubspot.config import HubSpotConfig

__all__ = ["HubSpotConfig", "open_hubspot"]
