"""The conformance suite of adapters: what every CRM must do, whichever it is."""

from __future__ import annotations

from connector.testing.reading import ReadingContract
from connector.testing.trouble import TroubleContract
from connector.testing.writing import WritingContract


class CRMContract(ReadingContract, WritingContract, TroubleContract):
    """Subclass it as `Test…` and give it a fixture `crm_world` that returns a fresh `CRMWorld`, one for each test.

    A clause that asks for what a kind of CRM does not have is reported as not applicable, with the reason the world
    gives in `lacks` (`pytest -rs` lists them)."""
