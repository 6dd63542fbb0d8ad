"""What exactly is the matter, by reason: one row each. For statistics, and for the proof of it.

The catalogue of WeChat Store divides "not as described" by size, function, material and colour;
the other rows are our own proposal. A detail adds to the evidence that its reason demands.
"""

from dataclasses import dataclass

from cases.reasons import REASONS, Demanding

TASTE = ("no_longer_wanted", "seven_day_no_reason", "bought_by_mistake")
FIT = (*TASTE, "not_as_described")
DEFECT = ("quality", "unusable")


@dataclass(frozen=True, kw_only=True)
class Detail(Demanding):
    """A detail of the variant, of the defect or of the delivery."""

    of: tuple[str, ...]  # the reasons that it goes with


# A table reads best as a table, so the formatter leaves it alone.
# fmt: off
DETAILS = {row.key: row for row in (
    # The variant does not fit, or is another than was ordered.
    Detail(key="too_small", en="Too small", zh="尺码偏小", of=FIT),
    Detail(key="too_large", en="Too large", zh="尺码偏大", of=FIT),
    Detail(key="not_liked", en="Not liked", zh="不喜欢/效果不好", of=TASTE),
    Detail(key="found_cheaper", en="Found cheaper", zh="买贵了", of=("no_longer_wanted",)),
    Detail(key="wrong_colour", en="Another colour", zh="颜色不符",
           of=("wrong_item", "not_as_described")),
    Detail(key="wrong_size", en="Another size", zh="尺码不符",
           of=("wrong_item", "not_as_described")),
    Detail(key="wrong_model", en="Another model", zh="型号/款式不符",
           of=("wrong_item", "not_as_described"), required=("photo_goods",),
           optional=("listing",)),
    Detail(key="other_goods", en="Other goods altogether", zh="完全不同的商品",
           of=("wrong_item",), required=("photo_parcel",)),
    Detail(key="wrong_material", en="Another material", zh="材质不符", of=("not_as_described",),
           optional=("test_report",)),
    Detail(key="wrong_function", en="Does something else", zh="功能/效果不符",
           of=("not_as_described",), one_of=("video", "listing")),
    # It is bad.
    Detail(key="does_not_switch_on", en="Does not switch on", zh="无法开机/通电", of=DEFECT,
           one_of=("video", "test_report")),
    Detail(key="stops_working", en="Stops working", zh="使用中故障", of=DEFECT,
           one_of=("video", "test_report")),
    Detail(key="scratched", en="Scratched", zh="划痕", of=("quality", "damaged"),
           required=("photo_goods",)),
    Detail(key="sewing", en="Sewing or thread", zh="做工粗糙/开线", of=("quality",),
           required=("photo_goods",)),
    Detail(key="colour_runs", en="Loses its colour", zh="掉色/褪色", of=("quality",),
           required=("photo_goods",)),
    Detail(key="smell", en="Smell", zh="异味", of=("quality",)),
    Detail(key="spoiled", en="Spoiled or past its date", zh="变质/过期",
           of=("quality", "unsafe"), required=("photo_goods",)),
    Detail(key="incompatible", en="Does not go with what it is for", zh="不兼容",
           of=("unusable",)),
    Detail(key="broken", en="Broken", zh="破碎", of=("damaged",)),
    Detail(key="leaking", en="Leaking", zh="漏液", of=("damaged",)),
    Detail(key="soiled", en="Soiled", zh="污渍", of=("damaged",)),
    Detail(key="deformed", en="Deformed", zh="变形", of=("damaged",)),
    # Something is missing.
    Detail(key="fewer_pieces", en="Fewer pieces", zh="数量少", of=("missing_items",)),
    Detail(key="part_missing", en="A part is missing", zh="缺少配件", of=("missing_items",)),
    Detail(key="gift_missing", en="The gift is missing", zh="赠品未收到", of=("missing_items",)),
    # It came late.
    Detail(key="dispatched_late", en="Sent out late", zh="发货晚", of=("late",)),
    Detail(key="on_the_way_too_long", en="Too long on its way", zh="运输时间过长",
           of=("late", "not_received")),
)}
# fmt: on


def details_of(reason: str) -> tuple[Detail, ...]:
    """List the details of a reason; most reasons have some, none demands one."""
    return tuple(row for row in DETAILS.values() if reason in row.of)


def detail_choices() -> list[tuple[str, str]]:
    """Offer the details to a model field."""
    return [(row.key, row.en) for row in DETAILS.values()]


DETAILED = tuple(reason for reason in REASONS if details_of(reason))
