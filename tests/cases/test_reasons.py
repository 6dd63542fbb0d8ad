import pytest

from cases import reasons
from cases.reasons import REASONS, REFUSALS, REMEDIES, SLOTS, STAGES

# The catalogue, column by column: fault, who pays for the way back, what must be handed in.
CATALOGUE = {
    "no_longer_wanted": ("none", "buyer", {}),
    "seven_day_no_reason": ("none", "buyer", {"intact": "required"}),
    "bought_by_mistake": ("buyer", "buyer", {}),
    "duplicate": ("buyer", "buyer", {}),
    "coupon_not_used": ("buyer", "buyer", {}),
    "wrong_address": ("buyer", "buyer", {}),
    "refused_delivery": ("none", "buyer", {"tracking": "one_of", "carrier_proof": "one_of"}),
    "agreed_refund": ("open", "open", {}),
    "out_of_stock": ("seller", "seller", {}),
    "not_received": ("carrier", "seller", {"tracking": "one_of", "statement": "one_of"}),
    "late": ("seller", "seller", {"tracking": "one_of", "statement": "one_of"}),
    "lost": ("carrier", "seller", {"tracking": "one_of", "statement": "one_of"}),
    "no_tracking": ("seller", "seller", {}),
    "signed_not_received": ("carrier", "seller", {"statement": "required"}),
    "missing_items": ("seller", "seller", {"photo_contents": "required"}),
    "empty_parcel": ("carrier", "seller", {"photo_parcel": "required"}),
    "wrong_item": ("seller", "seller", {"photo_goods": "required"}),
    "not_as_described": ("seller", "seller", {"photo_goods": "required"}),
    "quality": ("seller", "seller", {"photo_goods": "one_of", "video": "one_of"}),
    "damaged": ("carrier", "seller", {"photo_goods": "required", "photo_parcel": "required"}),
    "unusable": (
        "seller",
        "seller",
        {"photo_goods": "one_of", "video": "one_of", "statement": "one_of"},
    ),
    "counterfeit": ("seller", "seller", {"photo_goods": "required"}),
    "unsafe": ("seller", "seller", {"photo_goods": "one_of", "video": "one_of", "harm": "one_of"}),
    "abnormal_amount": ("platform", "seller", {"payment_record": "required"}),
    "other": ("open", "open", {"statement": "required"}),
}


def test_reasons_have_the_fault_freight_and_mandatory_evidence_of_the_catalogue():
    rows = {
        row.key: (
            row.fault,
            row.freight,
            {slot: level for slot, level in row.evidence.items() if level != "optional"},
        )
        for row in REASONS.values()
    }

    assert rows == CATALOGUE


def test_no_row_names_a_slot_remedy_or_stage_that_does_not_exist():
    demanding = (*REASONS.values(), *REFUSALS.values())

    assert {slot for row in demanding for slot in row.evidence} - set(SLOTS) == set()
    assert {r for row in REASONS.values() for r in row.remedies} - set(REMEDIES) == set()
    assert {s for row in REASONS.values() for s in row.stages} - set(STAGES) == set()
    assert {row.window_from for row in REASONS.values()} == {"delivered", "promised"}


def test_a_slot_is_asked_for_once_in_a_row():
    twice = [
        row.key
        for row in (*REASONS.values(), *REFUSALS.values())
        if len(row.evidence) != len(row.required + row.one_of + row.optional)
    ]

    assert twice == []


def test_every_remedy_and_every_slot_is_used():
    assert {r for row in REASONS.values() for r in row.remedies} == set(REMEDIES)
    used = {slot for row in (*REASONS.values(), *REFUSALS.values()) for slot in row.evidence}
    assert used == set(SLOTS)


def test_every_row_is_named_in_english_and_chinese():
    rows = [*REASONS.values(), *REFUSALS.values(), *REMEDIES.values(), *SLOTS.values()]

    assert [row.key for row in rows if not row.en.isascii() or not row.en] == []
    assert [row.key for row in rows if not any("一" <= sign <= "鿿" for sign in row.zh)] == []
    labels = [REASONS["quality"].label(code) for code in ("en", "zh", "zh-Hans", "ZH-CN", "pt")]
    assert labels == ["Quality problem", *["质量问题"] * 3, "Quality problem"]


@pytest.mark.parametrize(
    ("reason", "given", "missing"),
    [
        ("damaged", [], ("photo_goods", "photo_parcel")),
        ("damaged", ["photo_goods"], ("photo_parcel",)),
        ("damaged", ["video", "photo_parcel", "photo_goods"], ()),
        ("quality", [], ("photo_goods", "video")),
        ("quality", ["video"], ()),
        ("quality", ["test_report"], ("photo_goods", "video")),
        ("no_longer_wanted", [], ()),
    ],
)
def test_a_reason_tells_which_evidence_is_missing(reason, given, missing):
    assert REASONS[reason].missing(given) == missing


@pytest.mark.parametrize(
    ("remedy", "path"),
    [
        ("refund_only", (False, "", "refund")),
        ("return_refund", (True, "", "refund")),
        ("exchange", (True, "replacement", "")),
        ("reship", (False, "reship", "")),
        ("repair", (True, "repaired", "")),
        ("compensation", (False, "", "compensation")),
    ],
)
def test_the_path_of_a_case_follows_from_its_remedy(remedy, path):
    row = REMEDIES[remedy]

    assert (row.returns, row.sends, row.pays) == path


def test_what_did_not_come_in_time_counts_from_the_promise():
    promised = [row.key for row in REASONS.values() if row.window_from == "promised"]

    assert promised == ["not_received", "late", "lost", "no_tracking"]


def test_only_harm_is_urgent():
    urgent = {row.key: row.urgency for row in REASONS.values() if row.urgency}

    assert urgent == {"counterfeit": 24, "unsafe": 48}


def test_sending_it_out_is_refunded_when_the_fault_is_not_the_buyers():
    kept = {row.key for row in REASONS.values() if not row.refunds_outbound_freight}

    assert kept == {
        key for key, (fault, *_) in CATALOGUE.items() if fault in ("buyer", "none", "open")
    }


def test_goods_that_cannot_go_back_are_no_matter_of_taste():
    row = REASONS["seven_day_no_reason"]

    assert row.not_for == ("custom_made", "perishable", "digital", "opened")
    assert (row.remedies, row.stages) == (("return_refund",), ("delivered",))


def test_each_step_that_says_no_has_its_own_reasons():
    offered = {
        step: [row.key for row in reasons.refusals_for(step)]
        for step in ("refuse", "reject_return", "reject_replacement", "approve")
    }

    assert offered == {
        "refuse": [
            "agreed_to_cancel",
            "special_category",
            "outside_window",
            "dispatched_in_time",
            "delivered_to_buyer",
            "already_refunded",
            "no_defect",
            "not_intact",
            "facts_differ",
            "other",
        ],
        "reject_return": [
            "no_defect",
            "not_intact",
            "facts_differ",
            "wrong_tracking",
            "not_resaleable",
            "not_this_order",
            "incomplete",
            "other",
        ],
        "reject_replacement": [
            "replacement_not_received",
            "replacement_wrong",
            "replacement_faulty",
            "other",
        ],
        "approve": [],
    }


def test_every_reason_to_reject_a_return_demands_evidence():
    free = [
        row.key for row in REFUSALS.values() if "reject_return" in row.steps and not row.missing([])
    ]

    assert free == []


def test_models_are_offered_the_keys_of_the_tables():
    assert [key for key, _ in reasons.reason_choices()] == list(REASONS)
    assert [key for key, _ in reasons.refusal_choices()] == list(REFUSALS)
    assert reasons.remedy_choices()[0] == ("refund_only", "Refund only")
