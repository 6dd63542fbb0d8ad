"""Carriers' own bodies become scans: the code, the moment, the place, how it was handed over."""

from datetime import UTC, datetime

import pytest
from rest_framework.exceptions import ValidationError

from mediation.carriers import ADAPTERS, CODES, CarrierError
from mediation.carriers.chinese import meaning
from mediation.carriers.names import same
from tests.carriers import bodies

SHANGHAI = "Asia/Shanghai"


def read(adapter, body, zone=SHANGHAI):
    return ADAPTERS[adapter].read(body, zone)


def told(scans):
    return [(scan.code, scan.happened_at.isoformat()[:16], scan.how) for scan in scans]


def test_a_tracker_of_easypost():
    body = bodies.easypost(
        ("pre_transit", "2026-03-02T08:00:00Z"),
        ("in_transit", "2026-03-03T08:00:00Z"),
        ("delivered", "2026-03-04T08:00:00+02:00"),
        signed_by="B. Example",
    )

    scans = read("easypost", body)

    assert told(scans) == [
        ("accepted", "2026-03-02T08:00", ""),
        ("in_transit", "2026-03-03T08:00", ""),
        ("delivered", "2026-03-04T06:00", "hand"),
    ]
    assert [scan.signed_by for scan in scans] == ["", "", "B. Example"]
    assert {(scan.carrier, scan.place) for scan in scans} == {("USPS", "HOUSTON, TX")}
    assert read("easypost", {"object": "Event", "result": body}) == scans


def test_a_trace_of_kuaidi100_tells_the_pick_up_point_from_the_signature():
    body = bodies.kuaidi100(
        ("2026-03-02 13:03:42", "【唐山市公司】 已揽收 取件人: 甲"),
        ("2026-03-02 20:08:29", "【天津转运中心】 已发出 下一站 【济南转运中心】"),
        ("2026-03-03 11:41:58", "【济南市公司】 派件中 派件人: 乙"),
        ("2026-03-03 13:53:38", "快件已由某某驿站代收，请及时取件"),
        ("2026-03-03 17:31:57", "客户签收人: 已签收，签收人凭取货码签收。"),
        state="3",
    )

    scans = read("kuaidi100", body)

    assert told(reversed(scans)) == [
        ("accepted", "2026-03-02T05:03", ""),
        ("in_transit", "2026-03-02T12:08", ""),
        ("out_for_delivery", "2026-03-03T03:41", ""),
        ("at_pickup_point", "2026-03-03T05:53", "pickup_point"),
        ("delivered", "2026-03-03T09:31", "pickup_point"),
    ]
    assert read("kuaidi100", {"status": "polling", "lastResult": body}) == scans


def test_a_trace_of_kdniao_whose_last_words_do_not_say_what_its_state_says():
    lines = [("2026-03-02 19:19:16", "已揽收"), ("2026-03-04 16:12:43", "【深圳二部】，已送达")]

    signed = read("kdniao", bodies.kdniao(*lines, state="3"))
    on_its_way = read("kdniao", bodies.kdniao(*lines, state="2"))

    assert [scan.code for scan in signed] == ["accepted", "delivered"]
    assert [scan.code for scan in on_its_way] == ["accepted", "in_transit"]
    pushed = {"PushTime": "2026-03-04 17:00:00", "Data": [bodies.kdniao(*lines, state="3")]}
    assert read("kdniao", pushed) == signed


@pytest.mark.parametrize(
    ("words", "code", "how", "signed_by"),
    [
        ("本人签收", "delivered", "hand", ""),
        ("已签收，签收人：张先生", "delivered", "hand", "张先生"),
        ("您的快件已签收", "delivered", "", ""),
        ("快件已存入丰巢快递柜，请凭取件码取件", "at_pickup_point", "pickup_point", ""),
        ("收件人拒收，退回中", "returning", "", ""),
        ("收件人拒收", "refused", "", ""),
        ("退回件已签收", "returned", "", ""),
        ("发件人要求拦截", "intercepted", "", ""),
        ("快件已丢失", "lost", "", ""),
        ("疑难件：地址不详", "exception", "", ""),
        ("到【青岛转运中心】", "in_transit", "", ""),
    ],
)
def test_what_chinese_words_mean(words, code, how, signed_by):
    assert meaning(words) == (code, how, signed_by)
    assert code in CODES


def test_our_own_shape_takes_moments_without_a_zone_as_local():
    body = {
        "carrier": "sf",
        "tracking_no": "SF10001",
        "events": [
            {"code": "delivered", "happened_at": "2026-03-03 17:00", "handed_over": "hand"},
            {"id": "7", "code": "in_transit", "happened_at": "2026-03-03T01:00:00Z"},
        ],
    }

    first, second = read("generic", body)

    assert first.happened_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert second.happened_at == datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert (first.source_id[:8], second.source_id) == ("derived-", "7")


def test_an_id_is_derived_from_number_moment_and_code():
    def ids(number="EZ1000000001", code="delivered", at="2026-03-02T08:00:00Z"):
        return read("easypost", bodies.easypost((code, at), number=number))[0].source_id

    assert ids() == ids(at="2026-03-02T10:00:00+02:00")
    others = {ids(), ids("EZ20"), ids(code="in_transit"), ids(at="2026-03-02T08:00:01Z")}
    assert len(others) == 4


@pytest.mark.parametrize(
    ("adapter", "body"), [(name, body) for name, found in bodies.ERRORS.items() for body in found]
)
def test_an_error_of_the_carriers_own_is_known_as_such(adapter, body):
    with pytest.raises(CarrierError):
        read(adapter, body)


@pytest.mark.parametrize("adapter", ADAPTERS)
@pytest.mark.parametrize("body", [None, [], "text", 7, {}, {"data": 1}, {"tracking_no": []}])
def test_another_shape_is_told_with_its_place(adapter, body):
    with pytest.raises(ValidationError):
        read(adapter, body)


@pytest.mark.parametrize("at", ["2026-13-01 00:00:00", "", "1700000000", "1999-01-01 00:00:00"])
def test_a_moment_that_is_none(at):
    with pytest.raises(ValidationError):
        read("kuaidi100", bodies.kuaidi100((at, "已签收")))


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [("yto", "yuantong", True), ("HTKY", "best", True), ("sf", "SF", True), ("sf", "yto", False)],
)
def test_carriers_go_by_many_codes(one, other, are_same):
    assert same(one, other) is are_same
