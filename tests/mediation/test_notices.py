"""Who hears of what: the table is complete, and every letter that it asks for can be written."""

import pytest

from cases.actions import STEPS
from cases.clocks import CLOCKS
from cases.reasons import REASONS
from mediation import notices
from mediation.notices import ALL, NOTICES, words
from notifications import texts

ALONG = {"open_dispute", "settle", "withdraw_dispute", "enforce"}  # told by the step they go with
BESIDE = {"message", "parcel_news", "stuck", "recovery_settled"}
OF_CLOCKS = {"remind", "extend", "pause", "resume"}
NOT_EVENTS = {"endpoint_disabled", "next"}  # the post office's own, and additions


def hears(notice, reader):
    return callable(notice.to) or reader in notice.to


def test_there_is_one_row_for_each_event():
    assert set(NOTICES) == set(STEPS) - ALONG | OF_CLOCKS | BESIDE


def test_every_text_belongs_to_an_event_and_to_somebody_who_hears_of_it():
    for key in texts.table().texts:
        event, reader, *_ = key.split(".")
        if event not in NOT_EVENTS and not event.startswith("complaint_"):
            assert hears(NOTICES[event], reader), key


def test_every_row_has_a_text_for_everybody_in_it():
    for notice in NOTICES.values():
        if not callable(notice.to):
            for reader in notice.to:
                keys = [k for k in texts.table().texts if k.startswith(f"{notice.event}.{reader}")]
                assert keys, (notice.event, reader)


def test_due_times_are_those_of_clocks():
    for notice in NOTICES.values():
        assert set(notice.due) <= set(CLOCKS), notice.event


def test_whoever_is_asked_also_hears():
    for notice in NOTICES.values():
        assert not notice.asks or (hears(notice, notice.asks) and notice.due), notice.event


def test_only_a_clock_that_waits_for_a_carrier_reminds_nobody():
    readers = {name: notices._waited_on({"clock": name, "party": "buyer"}) for name in CLOCKS}

    assert {name for name, who in readers.items() if not who} == {"return_transit"}
    assert {who for whos in readers.values() for who in whos} == set(ALL)
    assert readers["refund_settlement"] == ("staff",)
    assert readers["proposal"] == readers["aftercare"] == ("buyer",)


@pytest.mark.parametrize(
    ("kind", "code", "english", "chinese"),
    [
        ("remedy", "return_refund", "Return and refund", "退货退款"),
        ("reason", "quality", "Quality problem", "质量问题"),
        ("reason", "no_defect", "No defect found", "商品没问题"),
        ("ruling", "refund_only", "Refund only", "仅退款"),
        ("ruling", "none", "the claim is dismissed", "不支持买家的申请"),
        ("reason", "insufficient_funds", "insufficient funds", "insufficient funds"),
    ],
)
def test_codes_are_put_in_words(kind, code, english, chinese):
    assert (words(kind, code, "en"), words(kind, code, "zh-hans")) == (english, chinese)


def test_every_reason_has_words_in_both_languages():
    for code in REASONS:
        assert words("reason", code, "zh") != words("reason", code, "en") != code
