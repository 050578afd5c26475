"""The conformance suite of stores: what every store must do, whichever database it uses."""

from __future__ import annotations

from connector.testing.inputs import InputsContract
from connector.testing.keeping import KeepingContract, LeavingContract, ManyContract
from connector.testing.lease import CrashContract, LeaseContract
from connector.testing.settling import RereadingContract, ScoringContract, SettlingContract


class StoreContract(
    KeepingContract, InputsContract, ManyContract, LeavingContract, ScoringContract, SettlingContract,
    RereadingContract, LeaseContract, CrashContract,
):  # fmt: skip
    """Subclass it as `Test…` and give it a fixture `store_world` that returns a fresh `StoreWorld`, one for each test:
    an empty database whose clock stands at `connector.testing.shelf.T0`."""
