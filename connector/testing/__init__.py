"""The conformance suites, shipped: who writes an adapter or a store subclasses one and says how the far side is moved.

```python
class TestMine(CRMContract):
    @pytest.fixture
    def crm_world(self) -> CRMWorld:
        return MyWorld()
```
"""

from connector.testing.crm import CRMContract
from connector.testing.farside import CRMWorld, Notebook, Weather
from connector.testing.shelf import StoreWorld
from connector.testing.store import StoreContract

__all__ = ["CRMContract", "CRMWorld", "Notebook", "StoreContract", "StoreWorld", "Weather"]
