"""Salesforce over REST and Bulk 2.0."""

from adapters.salesforce.adapter import SalesforceCRM, open_salesforce
from adapters.salesforce.config import SalesforceConfig

__all__ = ["SalesforceCRM", "SalesforceConfig", "open_salesforce"]
