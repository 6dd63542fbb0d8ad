"""Why people apply, why they are refused, and what they may ask for: one row each.

Reasons, fault, freight and evidence follow the catalogues of Douyin, Kuaishou, WeChat Store and
Shopee; where these differ or are silent the values are our own proposal. To add a reason, add a
row: models ask `reason_choices`, so that no migration is needed.
"""

from collections.abc import Collection
from dataclasses import dataclass

# Where the parcel of a line is when somebody applies.
UNSHIPPED, SHIPPED, DELIVERED = STAGES = ("unshipped", "shipped", "delivered")


@dataclass(frozen=True)
class Row:
    """What every row has: a stable key and its name in two languages."""

    key: str
    en: str
    zh: str

    def label(self, language: str = "en") -> str:
        """Name it in Chinese for "zh", "zh-hans" and the like, in English for all others."""
        return self.zh if language.lower().startswith("zh") else self.en


@dataclass(frozen=True)
class Slot(Row):
    """One thing that may be handed in as evidence."""

    kinds: tuple[str, ...]  # of file: "image", "video", "pdf"; or "text": typed words


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What is asked for as evidence, by keys of SLOTS."""

    required: tuple[str, ...] = ()  # each of them
    one_of: tuple[str, ...] = ()  # at least one of them
    optional: tuple[str, ...] = ()

    @property
    def evidence(self) -> dict[str, str]:
        """Slot → "required", "one_of" or "optional", in the order in which they are asked for."""
        levels = ("required", "one_of", "optional")
        return {slot: level for level in levels for slot in getattr(self, level)}

    def missing(self, given: Collection[str]) -> tuple[str, ...]:
        """Name the slots still to be filled; of an unmet `one_of` all, as any of them would do."""
        missing = tuple(slot for slot in self.required if slot not in given)
        met = not self.one_of or any(slot in given for slot in self.one_of)
        return missing if met else missing + self.one_of


@dataclass(frozen=True)
class Demanding(Row, Demand):
    """A row that asks for evidence."""


@dataclass(frozen=True)
class Remedy(Row):
    """What a buyer may get. The path of a case follows from the three answers."""

    returns: bool = False  # the buyer sends goods back first
    sends: str = ""  # what the seller owes then, as `parcel.kind`
    pays: str = ""  # "refund": at most what was paid; "compensation": a posting of its own


@dataclass(frozen=True, kw_only=True)
class Reason(Demanding):
    """Why a buyer applies."""

    fault: str  # by default: buyer, seller, carrier, platform; none; open: somebody must decide
    freight: str  # who pays for sending goods back: buyer, seller; open
    remedies: tuple[str, ...]
    stages: tuple[str, ...] = STAGES
    window_from: str = "delivered"  # or "promised": what the request window is counted from
    not_for: tuple[str, ...] = ()  # flags of an order line that rule it out
    urgency: int = 0  # hours that a dispute is ranked ahead, for the harm in it

    @property
    def refunds_outbound_freight(self) -> bool:
        """Say whether sending it out is given back too: the fault is another's than the buyer's."""
        return self.fault in {"seller", "carrier", "platform"}


@dataclass(frozen=True, kw_only=True)
class Refusal(Demanding):
    """Why somebody says no."""

    steps: tuple[str, ...]  # refuse, reject_return (the seller's), reject_replacement (the buyer's)


# A table reads best as a table, so the formatter leaves these four alone.
# fmt: off
SLOTS = {row.key: row for row in (
    Slot("statement", "Statement in words", "文字说明", ("text",)),
    Slot("photo_goods", "Photo of the goods", "商品照片", ("image",)),
    Slot("photo_parcel", "Photo of the parcel and its label", "包裹及面单照片", ("image",)),
    Slot("photo_contents", "Photo of all that was in the parcel", "包裹内全部物品照片", ("image",)),
    Slot("video", "Video", "视频", ("video",)),
    Slot("listing", "Listing as it was when bought", "下单时的商品页面", ("image", "pdf")),
    Slot("tracking", "Tracking record", "物流轨迹", ("image", "pdf", "text")),
    Slot("carrier_proof", "Proof of the carrier", "快递公司凭证", ("image", "pdf")),
    Slot("payment_record", "Payment record", "支付凭证", ("image", "pdf")),
    Slot("chat", "Conversation", "聊天记录", ("image", "pdf", "text")),
    Slot("intact", "Declaration that the goods are intact", "商品完好声明", ("text",)),
    Slot("appraisal", "Appraisal of authenticity", "鉴定报告", ("image", "pdf")),
    Slot("test_report", "Test or inspection report", "检测报告", ("image", "pdf")),
    Slot("harm", "Proof of harm, such as a medical record", "损害证明", ("image", "pdf")),
)}

REMEDIES = {row.key: row for row in (
    Remedy("refund_only", "Refund only", "仅退款", pays="refund"),
    Remedy("return_refund", "Return and refund", "退货退款", returns=True, pays="refund"),
    Remedy("exchange", "Exchange", "换货", returns=True, sends="replacement"),
    Remedy("reship", "Send again", "补寄", sends="reship"),
    Remedy("repair", "Repair", "维修", returns=True, sends="repaired"),
    Remedy("compensation", "Compensation", "补偿", pays="compensation"),
)}

MONEY = ("refund_only", "compensation")
AGAIN = ("refund_only", "reship", "compensation")
BACK = ("refund_only", "return_refund")
SWAP = ("return_refund", "refund_only", "exchange", "compensation")
FAULTY = ("return_refund", "refund_only", "exchange", "repair", "compensation")
SEEN = ("photo_goods", "video")  # one of them
NOT_HERE = (UNSHIPPED, SHIPPED)
HERE = (DELIVERED,)
NO_PARCEL = ("digital",)
NO_RETURN = ("custom_made", "perishable", "digital", "opened")  # the usual exceptions in law

REASONS = {row.key: row for row in (
    # The buyer's own wish.
    Reason("no_longer_wanted", "No longer wanted", "不想要了", fault="none", freight="buyer",
           remedies=BACK, not_for=NO_RETURN),
    Reason("seven_day_no_reason", "Seven-day return without a reason", "7天无理由", fault="none",
           freight="buyer", remedies=("return_refund",), stages=HERE, not_for=NO_RETURN,
           required=("intact",)),
    Reason("bought_by_mistake", "Bought by mistake", "拍错", fault="buyer", freight="buyer",
           remedies=BACK, not_for=NO_RETURN),
    Reason("duplicate", "Bought twice", "多拍", fault="buyer", freight="buyer", remedies=BACK),
    Reason("coupon_not_used", "Coupon not used", "没用/少用优惠", fault="buyer", freight="buyer",
           remedies=BACK),
    Reason("wrong_address", "Wrong address or telephone", "地址电话填错", fault="buyer",
           freight="buyer", remedies=BACK, stages=NOT_HERE, not_for=NO_PARCEL),
    Reason("refused_delivery", "Delivery was refused", "已拒签", fault="none", freight="buyer",
           remedies=("refund_only",), stages=NOT_HERE, one_of=("tracking", "carrier_proof"),
           not_for=NO_PARCEL),
    Reason("agreed_refund", "Agreed by both sides", "双方协商一致", fault="open", freight="open",
           remedies=tuple(REMEDIES), optional=("chat",)),
    # It did not come, or not in time.
    Reason("out_of_stock", "Out of stock", "缺货", fault="seller", freight="seller",
           remedies=MONEY, stages=(UNSHIPPED,)),
    Reason("not_received", "Not received", "未收到货", fault="carrier", freight="seller",
           remedies=AGAIN, stages=NOT_HERE, window_from="promised",
           one_of=("tracking", "statement")),
    Reason("late", "Late beyond the promise", "未按约定时间送达", fault="seller",
           freight="seller", remedies=(*BACK, "compensation"), window_from="promised",
           one_of=("tracking", "statement")),
    Reason("lost", "Lost or stuck on the way", "运输丢失或长时间未送达", fault="carrier",
           freight="seller", remedies=AGAIN, stages=(SHIPPED,), window_from="promised",
           one_of=("tracking", "statement")),
    Reason("no_tracking", "No tracking record", "快递无跟踪记录", fault="seller",
           freight="seller", remedies=AGAIN, stages=NOT_HERE, window_from="promised",
           not_for=NO_PARCEL),
    Reason("signed_not_received", "Signed for but not received", "显示签收未收到",
           fault="carrier", freight="seller", remedies=AGAIN, stages=HERE,
           required=("statement",), optional=("carrier_proof", "photo_parcel"),
           not_for=NO_PARCEL),
    # Something else came, or too little of it.
    Reason("missing_items", "Missing items", "少件/漏发", fault="seller", freight="seller",
           remedies=("reship", "refund_only", "return_refund", "compensation"), stages=HERE,
           required=("photo_contents",), optional=("video", "photo_parcel")),
    Reason("empty_parcel", "Empty parcel", "包裹为空", fault="carrier", freight="seller",
           remedies=AGAIN, stages=HERE, required=("photo_parcel",), optional=("video",)),
    Reason("wrong_item", "Wrong item", "卖家发错货", fault="seller", freight="seller",
           remedies=SWAP, stages=HERE, required=("photo_goods",), optional=("photo_parcel",)),
    Reason("not_as_described", "Not as described", "与描述不符", fault="seller",
           freight="seller", remedies=SWAP, stages=HERE, required=("photo_goods",),
           optional=("listing", "video", "chat")),
    # It is bad.
    Reason("quality", "Quality problem", "质量问题", fault="seller", freight="seller",
           remedies=FAULTY, stages=HERE, one_of=SEEN, optional=("test_report", "harm")),
    Reason("damaged", "Damaged, soiled or deformed", "破损/污渍/变形", fault="carrier",
           freight="seller", remedies=(*FAULTY, "reship"), stages=HERE,
           required=("photo_goods", "photo_parcel"), optional=("video",), not_for=NO_PARCEL),
    Reason("unusable", "Cannot be used", "无法使用", fault="seller", freight="seller",
           remedies=FAULTY, stages=HERE, one_of=(*SEEN, "statement")),
    Reason("counterfeit", "Counterfeit", "假冒", fault="seller", freight="seller",
           remedies=("return_refund", "refund_only", "compensation"), stages=HERE,
           required=("photo_goods",), optional=("appraisal", "listing"), urgency=24),
    Reason("unsafe", "Dangerous or harmful", "存在安全隐患", fault="seller", freight="seller",
           remedies=("refund_only", "return_refund", "compensation"), stages=HERE,
           one_of=(*SEEN, "harm"), optional=("test_report",), urgency=48),
    Reason("abnormal_amount", "Wrong amount charged", "扣款金额异常", fault="platform",
           freight="seller", remedies=MONEY, required=("payment_record",)),
    Reason("other", "Other", "其他", fault="open", freight="open", remedies=tuple(REMEDIES),
           required=("statement",), optional=("photo_goods", "video")),
)}

ANSWER = ("refuse",)
RETURN = ("reject_return",)
EITHER = ("refuse", "reject_return")
RECEIPT = ("reject_replacement",)

REFUSALS = {row.key: row for row in (
    # The seller, to an application or to goods that came back.
    Refusal("agreed_to_cancel", "The buyer agreed to cancel", "买家误操作/取消申请", steps=ANSWER,
            required=("chat",)),
    Refusal("special_category", "Goods with rules of their own", "特殊商品", steps=ANSWER,
            required=("listing",)),
    Refusal("outside_window", "Outside the request window", "超过售后期", steps=ANSWER),
    Refusal("dispatched_in_time", "Sent in time, on its normal way", "已按时发货且物流正常",
            steps=ANSWER, one_of=("tracking", "carrier_proof")),
    Refusal("delivered_to_buyer", "Delivered to the buyer", "买家已签收", steps=ANSWER,
            required=("carrier_proof",)),
    Refusal("already_refunded", "Paid back already", "已退款", steps=ANSWER,
            required=("payment_record",)),
    Refusal("no_defect", "No defect found", "商品没问题", steps=EITHER,
            one_of=(*SEEN, "test_report")),
    Refusal("not_intact", "Opened, used or damaged by the buyer", "商品不完好", steps=EITHER,
            required=("photo_goods",), optional=("video",)),
    Refusal("facts_differ", "The reason does not match the facts", "申请原因与事实不符",
            steps=EITHER, required=("statement",), optional=(*SEEN, "chat")),
    Refusal("wrong_tracking", "Wrong tracking number", "退货单号错误", steps=RETURN,
            one_of=("tracking", "carrier_proof")),
    Refusal("not_resaleable", "Cannot be sold again", "影响二次销售", steps=RETURN,
            required=("photo_goods",), optional=("video",)),
    Refusal("not_this_order", "The parcel is not this order", "退回商品与订单不符", steps=RETURN,
            required=("photo_goods", "photo_parcel")),
    Refusal("incomplete", "Empty parcel or parts missing", "退货少件/空包", steps=RETURN,
            one_of=("photo_contents", "video"), optional=("photo_parcel",)),
    # The buyer, to what the seller sent in its place.
    Refusal("replacement_not_received", "Did not come", "换货未收到", steps=RECEIPT,
            one_of=("tracking", "statement")),
    Refusal("replacement_wrong", "Again the wrong thing", "换货仍发错", steps=RECEIPT,
            required=("photo_goods",)),
    Refusal("replacement_faulty", "Again faulty, or not repaired", "换货或维修后仍有问题",
            steps=RECEIPT, one_of=SEEN),
    Refusal("other", "Other", "其他", steps=(*EITHER, *RECEIPT), required=("statement",),
            optional=("photo_goods", "video")),
)}
# fmt: on


def reason_choices() -> list[tuple[str, str]]:
    """Offer the reasons to a model field."""
    return [(row.key, row.en) for row in REASONS.values()]


def refusal_choices() -> list[tuple[str, str]]:
    """Offer the reasons of refusal to a model field."""
    return [(row.key, row.en) for row in REFUSALS.values()]


def remedy_choices() -> list[tuple[str, str]]:
    """Offer the remedies to a model field."""
    return [(row.key, row.en) for row in REMEDIES.values()]


def refusals_for(step: str) -> tuple[Refusal, ...]:
    """List the reasons with which a step may say no."""
    return tuple(row for row in REFUSALS.values() if step in row.steps)
