"""Words that are often needed: one row is one text in both languages, offered by some forms.

Whoever chooses one goes on writing from there. The mediator's own language does not matter: what
is written is read by the sides, so the case's language comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from string import Template
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.reasons import REASONS, Row

LANGUAGES = (("en", "English"), ("zh", "中文"))


@dataclass(frozen=True)
class Reply(Row):
    """A title in both languages, and the text in both."""

    words_en: str
    words_zh: str
    forms: tuple[str, ...]  # names of steps; "message"

    def words(self, language: str) -> str:
        """Give the text in Chinese for "zh" and in English for all others."""
        return self.words_zh if language == "zh" else self.words_en


# A table reads best as a table, so the formatter leaves it alone. $goods, $number and $reason are
# filled in.
# fmt: off
REPLIES = {row.key: row for row in (
    Reply("photos", "Photos from all sides", "多角度照片",
          "Please show $goods from all sides in daylight, with the label of the parcel.",
          "请提供 $goods 的多角度清晰照片，并附上包裹面单照片。", ("ask_evidence", "message")),
    Reply("unpacking", "Video of unpacking", "开箱视频",
          "Please hand in the unbroken video of unpacking. If there is none, say so.",
          "请提供完整、无剪辑的开箱视频；如没有，请予以说明。", ("ask_evidence", "message")),
    Reply("sent_complete", "Proof of dispatch", "发货凭证",
          "Please show that $goods left complete and intact: photos or a video of packing, the "
          "weight, and the carrier's record.",
          "请提供 $goods 完整、完好发出的凭证：打包照片或视频、发货重量及物流记录。",
          ("ask_evidence", "message")),
    Reply("basis", "What the answer rests on", "答复依据",
          "Please say on what your answer rests, with a report, a test or the listing as it was.",
          "请说明您的答复依据，并提供检测报告、测试结果或下单时的商品页面。",
          ("ask_evidence", "message")),
    Reply("with_us", "We are looking into it", "正在核实",
          "We are looking into case $number and will tell both sides what we find.",
          "我们正在核实售后单 $number，有结果后会通知双方。", ("message",)),
    Reply("share", "Use in spite of the defect", "瑕疵不影响使用",
          "$goods can be used in spite of the defect. The buyer keeps the goods; the amount "
          "balances what they are worth less.",
          "$goods 虽有瑕疵但仍可使用。商品由买家保留，退款金额用于弥补价值减损。",
          ("propose", "rule")),
    Reply("meet", "Both give way", "双方让步",
          "Neither side could show all that it says. A quick end on these terms costs both less "
          "than going on.",
          "双方均未能充分证明各自主张。按此方案尽快了结，对双方成本更低。", ("propose",)),
    Reply("shown", "The defect is shown", "瑕疵已证明",
          "The evidence shows the defect of $goods. It was there on delivery, and the seller has "
          "not shown otherwise. The claim ($reason) is right.",
          "现有凭证足以证明 $goods 存在瑕疵，且交付时即已存在，卖家未能举证反驳。"
          "买家的申请（$reason）成立。", ("rule",)),
    Reply("not_shown", "The claim is not shown", "主张未获证明",
          "The claim ($reason) was not shown: the evidence fits goods as they were described, and "
          "what was asked for was not handed in.",
          "买家的主张（$reason）未获证明：现有凭证与商品描述相符，所要求的补充凭证亦未提供。",
          ("rule",)),
    Reply("silent", "The seller said nothing", "卖家未答复",
          "The seller did not answer within its time. What the buyer tells is plausible, and "
          "nothing speaks against it.",
          "卖家未在规定时间内答复。买家陈述合理，且无相反证据。", ("rule",)),
    Reply("carrier", "Damaged on the way", "运输途中损坏",
          "$goods was damaged on the way. Until delivery the seller bears that risk towards the "
          "buyer; it may turn to the carrier.",
          "$goods 在运输途中损坏。交付前风险由卖家承担，卖家可另向承运方追偿。", ("rule",)),
    Reply("other_goods", "Other than described", "与描述不符",
          "$goods differs from the listing as it was when bought. The buyer need not keep it.",
          "$goods 与下单时的商品页面描述不符，买家有权退货。", ("rule",)),
    Reply("evidence_named", "Name the evidence", "请列明证据",
          "Please say which evidence each finding rests on.",
          "请列明各项认定所依据的证据。", ("send_back",)),
    Reply("amount_why", "Why this amount", "金额依据",
          "The amount does not follow from the reasons. Please say how it was found.",
          "裁决金额与理由不一致，请说明金额的依据。", ("send_back",)),
    Reply("talk", "The sides were close", "双方已接近一致",
          "Both sides were close to an agreement. Please go on; a mediator comes in again if it "
          "fails.",
          "双方已接近一致，请继续协商；如协商不成，平台将再次介入。", ("hand_back",)),
    Reply("danger", "Danger or forgery", "危险或假冒",
          "There are signs of danger or forgery, so we do not wait for an answer.",
          "存在安全风险或假冒嫌疑，平台直接介入，不再等待答复。", ("take_over",)),
)}
# fmt: on


class Choose(forms.Select):
    """A choice whose options carry the words that they stand for, and say in which language."""

    def __init__(self, told: dict[str, str], **kwargs: Any) -> None:
        self.told = told
        super().__init__(**kwargs)

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value in self.told:
            option["attrs"] |= {"data-words": self.told[value], "lang": value.partition(".")[2]}
        return option


def field(form: str, case: Case) -> forms.ChoiceField | None:
    """Offer the texts of a form, the case's language first; None: there are none.

    :param form: a name in REPLIES' `forms`
    :param case: with its facts
    """
    rows = [row for row in REPLIES.values() if form in row.forms]
    if not rows:
        return None
    told = {key: words(key, case) for key in _keys(rows)}
    groups = [
        (label, [(f"{row.key}.{code}", row.label(code)) for row in rows])
        for code, label in sorted(LANGUAGES, key=lambda pair: pair[0] != case.language[:2])
    ]
    field = forms.ChoiceField(
        label=_("Begin with a text"),
        choices=[("", "-"), *groups],
        required=False,
        widget=Choose(told, attrs={"data-inserts": ""}),
    )
    field.widget.choices = field.choices
    return field


def words(key: str, case: Case) -> str:
    """Give the text of a choice, `shown.en`, with what it speaks of filled in."""
    name, _dot, language = key.partition(".")
    goods = ", ".join(item.line.title for item in case.facts.items)
    reason = REASONS[case.reason].label(language)
    filled = {"goods": goods, "number": case.number, "reason": reason}
    return Template(REPLIES[name].words(language)).safe_substitute(filled)


def _keys(rows: Iterable[Reply]) -> list[str]:
    return [f"{row.key}.{code}" for row in rows for code, _label in LANGUAGES]
