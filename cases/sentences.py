"""What a rule of a policy or of our catalogues says, in two languages: one row is one kind of rule.

`cases.rulebook` looks rules up; whatever has no row here is shown by its path and value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cases.categories import ALL, Path
from cases.goods import GOODS
from cases.naming import CLOCK_NAMES, CONSEQUENCES, LIMIT_NAMES, PAYER_NAMES, STAGE_NAMES
from cases.reasons import REASONS, REMEDIES, SLOTS, Row

Words = Callable[[Any, str], str]  # a key or a value, "en" or "zh" → in words

ZH = "zh"
UNITS = {"s": ("seconds", "秒"), "h": ("hours", "小时"), "d": ("days", "天")} | {
    "wd": ("working days", "个工作日")
}


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """What a rule says. Of the path the parts in words are {0}, {1} and so on."""

    path: tuple[str | Words, ...]
    en: str
    zh: str
    value: Words = lambda value, _language: str(value)

    def match(self, path: Path) -> list[tuple[Words, Any]] | None:
        """Find the parts to be put into words; None: it is another rule's."""
        if len(path) != len(self.path):
            return None
        pairs = list(zip(self.path, path, strict=True))
        if any(isinstance(own, str) and own != key for own, key in pairs):
            return None
        return [(own, key) for own, key in pairs if not isinstance(own, str)]


def _of(rows: Mapping[str, Row]) -> Words:
    return lambda key, language: rows[key].label(language) if key in rows else str(key)


def _reason(key: Any, language: str) -> str:
    if key == ALL:
        return "其他原因" if language == ZH else "Any other reason"
    return _of(REASONS)(key, language)


def _plain(key: Any, _language: str) -> str:
    return str(key)


def _several(rows: Mapping[str, Row]) -> Words:
    one = _of(rows)
    return lambda keys, language: ("、" if language == ZH else ", ").join(
        one(key, language) for key in keys
    )


def length(value: Any, language: str) -> str:
    """Write `5wd` as 5 working days."""
    number = str(value).rstrip("shdw")
    return (
        f"{number}{UNITS[value[len(number) :]][1]}" if language == ZH else _english(value, number)
    )


def _english(value, number):
    unit = UNITS[value[len(number) :]][0]
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


def _then(value: Any, language: str) -> str:
    """Say what follows; of one of a list of choices also when."""
    if not isinstance(value, dict):
        return _of(CONSEQUENCES)(value, language)
    told = _of(CONSEQUENCES)(value["do"], language)
    if "remedy" in value:
        told += ("：" if language == ZH else ": ") + _of(REMEDIES)(value["remedy"], language)
    return told + _when(value, language)


def _span(value: Any, language: str) -> str:
    if not isinstance(value, dict):
        return length(value, language)
    return length(value["length"], language) + _when(value, language)


def _when(value, language):
    parts = [_CONDITIONS[key](value[key], language) for key in _CONDITIONS if key in value]
    if not parts:
        return ""
    return f"（{'；'.join(parts)}）" if language == ZH else f" ({'; '.join(parts)})"


def _amounts(en: str, cn: str) -> Words:
    def say(value: Any, language: str) -> str:
        by = value if isinstance(value, dict) else {"": value}
        told = ", ".join(f"{currency} {amount}".strip() for currency, amount in by.items())
        return f"{cn if language == ZH else en} {told}".strip()

    return say


_CONDITIONS: dict[str, Words] = {
    "reason": _several(REASONS),
    "category": lambda keys, _language: ", ".join(keys),
    "amount_lt": _amounts("in minor units below", "金额（最小货币单位）低于"),
    "amount_lte": _amounts("in minor units at most", "金额（最小货币单位）不超过"),
}


def _demand(value: Any, language: str) -> str:
    return "; ".join(_several(SLOTS)(slots, language) for slots in value.values() if slots)


_CLOCK = _of(CLOCK_NAMES)
VARIANTS = (  # other lengths of a clock: see cases.clocks
    ("again", "when it is over", "超时后"),
    ("appealed", "on appeal", "申诉"),
    ("delivered", "after the delivery", "签收后"),
)

SENTENCES = (
    Sentence(
        path=("request_window", _reason),
        en="{0}: it may be applied for within {value}.",
        zh="{0}：申请期限为{value}。",
        value=length,
    ),
    Sentence(
        path=("categories", _plain, "request_window", _reason),
        en="{1}: goods of the category {0} may be applied for within {value}.",
        zh="{1}：“{0}”类商品的申请期限为{value}。",
        value=length,
    ),
    Sentence(
        path=("categories", _plain, "closed"),
        en="Goods of the category {0} are not taken back for: {value}.",
        zh="“{0}”类商品不支持以下原因：{value}。",
        value=_several(REASONS),
    ),
    Sentence(
        path=("categories", _plain, "freight", _reason),
        en="{1}: sending goods of the category {0} back is paid by {value}.",
        zh="{1}：“{0}”类商品的退货运费由{value}承担。",
        value=_of(PAYER_NAMES),
    ),
    Sentence(
        path=("categories", _plain, "evidence", _reason),
        en="{1}: goods of the category {0} also ask for: {value}.",
        zh="{1}：“{0}”类商品还需提供：{value}。",
        value=_demand,
    ),
    Sentence(
        path=("clocks", _CLOCK, "on_expiry"),
        en="When the time for {0} is over, {value}.",
        zh="{0}超时后，{value}。",
        value=_then,
    ),
    Sentence(
        path=("clocks", _CLOCK, "on_expiry", lambda _key, _language: ""),
        en="When the time for {0} is over, {value}.",
        zh="{0}超时后，{value}。",
        value=_then,
    ),
    Sentence(
        path=("clocks", _CLOCK, "length"),
        en="The time for {0} is {value}.",
        zh="{0}的时限为{value}。",
        value=_span,
    ),
    Sentence(
        path=("clocks", _CLOCK, "length", lambda _key, _language: ""),
        en="The time for {0} is {value}.",
        zh="{0}的时限为{value}。",
        value=_span,
    ),
    Sentence(
        path=("first_reply",),
        en="The seller says something within {value}.",
        zh="卖家须在{value}内首次回复。",
        value=length,
    ),
    Sentence(
        path=("limits", _of(LIMIT_NAMES)),
        en="At most so many {0}: {value}.",
        zh="{0}上限：{value}。",
    ),
    Sentence(
        path=("no_refuse_reasons",),
        en="The seller cannot refuse an application for: {value}.",
        zh="卖家不得拒绝以下原因的申请：{value}。",
        value=_several(REASONS),
    ),
    Sentence(
        path=("money", "auto_refund_limit"),
        en="Above so many minor units nothing is refunded because nobody looked: {value}.",
        zh="超过以下金额（最小货币单位）时，超时不自动退款：{value}。",
        value=_amounts("", ""),
    ),
    Sentence(
        path=("money", "approval_amount"),
        en="Above so many minor units a second mediator approves: {value}.",
        zh="超过以下金额（最小货币单位）的裁决需复核：{value}。",
        value=_amounts("", ""),
    ),
    Sentence(
        path=("restrictions", lambda _key, _language: ""),
        en="The buyer is restricted: where a clock would agree, a mediator looks.",
        zh="买家受限：超时不自动同意，由平台介入。",
    ),
    *(
        Sentence(
            path=("clocks", _CLOCK, variant),
            en=f"The time for {{0}}, {en}, is {{value}}.",
            zh=f"{{0}}的时限（{zh}）为{{value}}。",
            value=length,
        )
        for variant, en, zh in VARIANTS
    ),
    Sentence(
        path=("reasons", _reason, "stages"),
        en="{0}: it is applied for while the goods are: {value}.",
        zh="{0}：仅限商品处于以下状态时申请：{value}。",
        value=_several(STAGE_NAMES),
    ),
    Sentence(
        path=("reasons", _reason, "remedies"),
        en="{0}: it leads to: {value}.",
        zh="{0}：可申请：{value}。",
        value=_several(REMEDIES),
    ),
    Sentence(
        path=("reasons", _reason, "not_for"),
        en="{0}: not for goods of these kinds: {value}.",
        zh="{0}：不适用于：{value}。",
        value=_several(GOODS),
    ),
    Sentence(
        path=("reasons", _reason, "freight"),
        en="{0}: sending the goods back is paid by {value}.",
        zh="{0}：退货运费由{value}承担。",
        value=_of(PAYER_NAMES),
    ),
    Sentence(
        path=("goods", _of(GOODS)),
        en="{0}: goods with rules of their own.",
        zh="{0}：适用特殊规则。",
    ),
)
