"""What Chinese carriers write in words: which event it is, how it was handed over, who signed."""

import re
from typing import NamedTuple

# The first that matches: what comes back to its sender is signed for as well.
WORDS = (
    ("returned", r"退(回|件).*(签收|已退)|退签"),
    ("returning", r"退回|退件"),
    ("refused", r"拒收|拒签"),
    ("intercepted", r"拦截"),
    ("lost", r"丢失|遗失"),
    ("delivered", r"已签收|签收人|妥投|本人签收"),
    ("at_pickup_point", r"代收|待取件|请及时取件|请凭取|已存入|自提柜|快递柜|丰巢"),
    ("out_for_delivery", r"派件|派送"),
    ("accepted", r"揽收|揽件|已收件"),
    ("exception", r"疑难|异常|滞留"),
)
AT_A_POINT = re.compile(r"取[货件]码|驿站|自提|代收|快递柜|丰巢|菜鸟")
BY_HAND = re.compile(r"本人|家人|面交")
SIGNED_BY = re.compile(r"签收人[:\uff1a]\s*([^\uff0c,。;\uff1b\s]{1,20})")
NOBODY = re.compile(r"^(已|本人|他人|家人|代收|驿站)")


class Meaning(NamedTuple):
    """What a line means."""

    code: str
    how: str = ""
    signed_by: str = ""


def meaning(text: str, otherwise: str = "in_transit") -> Meaning:
    """Read one line of a trace.

    :param otherwise: the code when the words do not say
    """
    code = next((code for code, pattern in WORDS if re.search(pattern, text)), otherwise)
    if code == "at_pickup_point":
        return Meaning(code, "pickup_point")
    if code != "delivered":
        return Meaning(code)
    found = SIGNED_BY.search(text)
    who = found[1] if found and not NOBODY.match(found[1]) else ""
    if AT_A_POINT.search(text):
        return Meaning(code, "pickup_point", who)
    return Meaning(code, "hand" if who or BY_HAND.search(text) else "", who)
