"""How the record looks from outside: one class is one representation, fields named one by one.

The context gives the `actor` who looks, and `currency` where a row has none of its own. A case
that has facts is shown as they are, else as it is stored.
"""

from cases.serializers.actions import ActionOut, ActionWithInput, UnavailableAction
from cases.serializers.cases import CaseDetail, CaseOut, Receipt, with_past
from cases.serializers.clocks import Ledger, visible_clocks
from cases.serializers.orders import OrderOut, RefundOut, RefundsOut
from cases.serializers.papers import EntryOut

__all__ = [
    "ActionOut",
    "ActionWithInput",
    "CaseDetail",
    "CaseOut",
    "EntryOut",
    "Ledger",
    "OrderOut",
    "Receipt",
    "RefundOut",
    "RefundsOut",
    "UnavailableAction",
    "visible_clocks",
    "with_past",
]
