"""What somebody may do well to know before applying: one row each, from what the record says."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from cases.reasons import DELIVERED, Row

if TYPE_CHECKING:
    from cases.models import Case

Data = dict[str, Any]
AGES = timedelta(days=36_500)
SOON = timedelta(hours=48)

ADVICE = {
    row.key: row
    for row in (
        Row(
            "still_promised",
            "It is on its way; the promised time is not over yet. Wait until then, or ask.",
            "商品在途，尚未超过承诺送达时间，请耐心等待或联系卖家。",
        ),
        Row(
            "past_promise",
            "The promised time is over: apply because it is late or has not come.",
            "已超过承诺送达时间，可以未按时送达或未收到货为由申请。",
        ),
        Row("closes_soon", "The time to apply is over soon.", "申请期限即将结束，请尽快申请。"),
        Row("closed", "The time to apply is over for most reasons.", "多数原因的申请期限已过。"),
        Row(
            "already_applied",
            "All pieces are under an application: change that one, or add to it.",
            "所有商品均已申请售后，请在原申请中修改或补充。",
        ),
    )
}


def advice(case: "Case") -> list[Data]:
    """Give what is to be known now.

    :param case: in state `new`, with its facts
    """
    language = get_language() or "en"
    told = [(key, says(case)) for key, says in SAYS.items()]
    return [
        {"advice": key, "label": ADVICE[key].label(language), "until": until}
        for key, (holds, until) in told
        if holds
    ]


Says = tuple[bool, datetime | None]  # whether it holds, and until or since when


def _promise(*, over: bool) -> Callable[["Case"], Says]:
    def says(case: "Case") -> Says:
        facts, promised = case.facts, case.facts.order.promised_at
        waits = facts.stage != DELIVERED and promised is not None
        return waits and (promised <= facts.at) == over, promised

    return says


def _window(least: timedelta, most: timedelta) -> Callable[["Case"], Says]:
    """Compare what is left of the window of most reasons, in `least` (not counted) to `most`."""

    def says(case: "Case") -> Says:
        facts = case.facts
        closes_at = facts.window_closes_at("quality", ())
        return closes_at is not None and least < closes_at - facts.at <= most, closes_at

    return says


def _all_claimed(case: "Case") -> Says:
    return all(line.claimed >= line.quantity for line in case.facts.lines.values()), None


SAYS: dict[str, Callable[["Case"], Says]] = {
    "still_promised": _promise(over=False),
    "past_promise": _promise(over=True),
    "closes_soon": _window(timedelta(), SOON),
    "closed": _window(-AGES, timedelta()),
    "already_applied": _all_claimed,
}
