"""Service tags: what a policy promises for goods of a kind, one row each, for shops to show.

Most follow from the rules that hold anyway; those of `DECLARED` a policy says outright, as they
are kept elsewhere (an insurance, a check of the goods).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from cases.categories import Path, Said
from cases.goods import rules_out
from cases.policy import Policy
from cases.reasons import DELIVERED, REASONS, Row
from cases.rulebook import dotted
from cases.sentences import ZH, length

Data = dict[str, Any]
Flags = Collection[str]
NO_REASON = "seven_day_no_reason"

DECLARED = {
    row.key: row
    for row in (
        Row("return_freight_insured", "Return freight insured", "退货包运费"),
        Row("genuine", "Genuine goods guaranteed", "正品保证"),
        Row("price_kept", "Price protection", "价格保护"),
    )
}


@dataclass(frozen=True)
class Promise(Row):
    """One tag; {0} is a length of time."""

    kept: Callable[[Policy, str, Flags], Said | None]  # by which rule, with its value; None: not


def _no_reason(policy: Policy, kind: str, flags: Flags) -> Said | None:
    barred = any(rules_out(flag, NO_REASON, "return_refund", DELIVERED) for flag in flags)
    is_open = policy.closed(NO_REASON, kind) is None and not barred
    return policy.window(NO_REASON, kind) if is_open else None


def _faulty_free(policy: Policy, kind: str, flags: Flags) -> Said | None:
    barred = any(rules_out(flag, "quality", "return_refund", DELIVERED) for flag in flags)
    said = policy.freight("quality", kind)
    found = said or Said(REASONS["quality"].freight, ("reasons", "quality", "freight"))
    return found if found.value == "seller" and not barred else None


def _silence_agrees(policy: Policy, kind: str, _flags: Flags) -> Said | None:
    place = policy.place("seller_response", "on_expiry", categories=[kind], **ANY)
    return place if place.value.then == "approve" else None


def _platform_pays_first(policy: Policy, _kind: str, _flags: Flags) -> Said | None:
    pays = any(policy.pays_first(currency) for currency in policy.guarantees[0])
    return Said(policy.guarantees[0], ("money", "guarantee_per_order")) if pays else None


def _in_time(clock: str) -> Callable[[Policy, str, Flags], Said | None]:
    def kept(policy: Policy, kind: str, _flags: Flags) -> Said:
        place = policy.place(clock, "length", categories=[kind], **ANY)
        return Said(place.value.then, place.path)

    return kept


ANY: Data = {"reason": None, "amount": None, "currency": None}
PROMISES = (
    Promise("no_reason_return", "{0} to return without a reason", "{0}无理由退货", _no_reason),
    Promise(
        "faulty_free_return",
        "The seller pays for the return of faulty goods",
        "质量问题退货包运费",
        _faulty_free,
    ),
    Promise(
        "answered_in", "The seller answers within {0}", "卖家{0}内答复", _in_time("seller_response")
    ),
    Promise("silence_agrees", "Silence of the seller agrees", "超时自动同意", _silence_agrees),
    Promise("paid_in_advance", "The platform pays first", "平台先行赔付", _platform_pays_first),
    Promise("ruled_in", "A mediator rules within {0}", "平台{0}内裁决", _in_time("ruling")),
    Promise("paid_in", "Refunds arrive within {0}", "退款{0}内到账", _in_time("refund_settlement")),
)


def promised(policy: Policy, kind: str = "", flags: Flags = ()) -> list[Data]:
    """List the tags of goods of a kind, in the language that is spoken, each with its rule."""
    language = ZH if (get_language() or "en").startswith(ZH) else "en"
    found = [(row, row.kept(policy, kind, flags)) for row in PROMISES]
    tags = [_tag(row, said, language) for row, said in found if said is not None]
    declared = [(DECLARED[key], ("promises", key)) for key in DECLARED if key in policy.promises]
    return tags + [_shown(row, row.label(language), path) for row, path in declared]


def _tag(row: Promise, said: Said, language: str) -> Data:
    span = getattr(said.value, "text", None)
    label = row.label(language)
    return _shown(row, label.format(length(span, language)) if span else label, said.path)


def _shown(row: Row, label: str, path: Path) -> Data:
    return {"promise": row.key, "label": label, "rule": dotted(path)}
