"""Adapters: what carriers and tracking services send becomes scans of ours. One file each.

To add one: a class with `name` and `read`, and its line in ADAPTERS.
"""

from mediation.carriers.easypost import EasyPost
from mediation.carriers.generic import Generic
from mediation.carriers.kdniao import Kdniao
from mediation.carriers.kuaidi100 import Kuaidi100
from mediation.carriers.scan import CODES, Adapter, CarrierError, Scan

ADAPTERS: dict[str, Adapter] = {
    adapter.name: adapter for adapter in (Generic(), EasyPost(), Kuaidi100(), Kdniao())
}

__all__ = ["ADAPTERS", "CODES", "Adapter", "CarrierError", "Scan"]
