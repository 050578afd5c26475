"""Spreadsheets as a CRM, for teams that have none yet."""

from adapters.spreadsheet.adapter import SpreadsheetConfig, open_spreadsheet

__all__ = ["SpreadsheetConfig", "open_spreadsheet"]
