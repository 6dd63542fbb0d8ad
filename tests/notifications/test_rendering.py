"""A letter in the words of its reader."""

from zoneinfo import ZoneInfo

import pytest

from notifications.attempts import GiveUp
from notifications.rendering import moment, money, render
from notifications.texts import LOCALES, table
from tests.notifications.make import day

ALL = {
    "case_no": "C-1001",
    "order_no": "2026-77",
    "amount": {"minor": 123450, "currency": "CNY"},
    "due": "2026-01-15T10:00:00+00:00",
    "remedy": "return_refund",
    "reason": "not_as_described",
    "ruling": "full_refund",
    "hours_left": 12,
    "complaint_no": "R-0195",
    "penalty": "manual_review",
    "points": 12,
}
LINK = {"link": "https://shop.example/C-1001"}


def written(template, locale="en", time_zone="UTC", **params):
    return render(template, {**ALL, **params}, locale=locale, time_zone=time_zone, extra=LINK)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", sorted(key for key in table().texts if key[:5] != "next."))
def test_every_text_can_be_written(key, locale):
    letter = written(key, locale)

    assert "$" not in letter.subject + letter.text + letter.sms
    assert ALL["case_no"] in letter.subject or key == "endpoint_disabled.staff"


def test_a_mail_reads_well():
    letter = written("propose.seller", time_zone="Asia/Shanghai")

    assert letter.subject == "[C-1001] The mediator proposes a settlement"
    assert letter.text == (
        "The proposal: return refund, CNY 1,234.50. If both of you accept by 15 Jan, 18:00, the"
        " case is settled. If not, the mediator decides; declining does not count against you.\n"
        "\n"
        "--\n"
        "Case C-1001, order 2026-77\n"
        "https://shop.example/C-1001\n"
        "\n"
        "This message was written by the after-sales service by itself. Please answer in the case,"
        " not by mail."
    )


def test_a_short_message_in_chinese_reads_well():
    letter = written("propose.seller", "zh-CN", "Asia/Shanghai")

    assert letter.sms == (
        "售后单C-1001：调解方案：return refund，1234.50元，请在1月15日18:00前答复。"
    )


def test_codes_are_put_in_words_by_whoever_knows_them():
    def words(kind, code, locale):
        return {("remedy", "return_refund", "en"): "Return and refund"}[kind, code, locale]

    params = {name: ALL[name] for name in ("case_no", "order_no", "remedy")}
    letter = render("approve.buyer", params, locale="en", time_zone="UTC", words=words)

    assert letter.sms == (
        "Case C-1001: the seller agrees: return and refund."
        " Please look at the case for the next step."
    )


def test_the_state_reached_adds_what_comes_next():
    letter = written("approve.buyer", state="awaiting_return")

    assert letter.text.split("\n\n")[1] == (
        "Please send the goods back and enter the tracking number in the case by 15 Jan, 10:00;"
        " after that it is closed. The case names the address."
    )


def test_what_comes_next_is_left_out_when_its_time_is_not_known():
    params = {name: ALL[name] for name in ("case_no", "order_no", "remedy")}
    params["state"] = "awaiting_return"

    letter = render("approve.buyer", params, locale="en", time_zone="UTC", extra=LINK)

    assert letter.text.split("\n\n")[1] == "--\nCase C-1001, order 2026-77\n" + LINK["link"]


def test_where_there_is_no_short_message_its_subject_serves():
    assert written("message.buyer").sms == "Case C-1001: You have a new message"


@pytest.mark.parametrize(
    ("minor", "currency", "english", "chinese"),
    [
        (1990, "CNY", "CNY 19.90", "19.90元"),
        (123456789, "EUR", "EUR 1,234,567.89", "EUR 1234567.89"),
        (500, "JPY", "JPY 500", "JPY 500"),
        (1234, "KWD", "KWD 1.234", "KWD 1.234"),
        (5, "CNY", "CNY 0.05", "0.05元"),
    ],
)
def test_money_has_the_decimals_of_its_currency(minor, currency, english, chinese):
    assert money(minor, currency, "en") == english
    assert money(minor, currency, "zh-hans") == chinese


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Asia/Shanghai", "5 Jan, 17:00"),
        ("America/Sao_Paulo", "5 Jan, 06:00"),
        ("Pacific/Auckland", "5 Jan, 22:00"),
    ],
)
def test_moments_are_told_in_the_zone_of_the_reader(zone, told):
    assert moment(day(0), "en", ZoneInfo(zone)) == told


def test_a_letter_about_no_case_has_no_frame():
    letter = render("endpoint_disabled.staff", {}, locale="en", time_zone="UTC")

    assert letter.subject == "A webhook endpoint was switched off"
    assert letter.text.startswith("A webhook endpoint of your marketplace failed for too long")


def test_an_unknown_zone_reads_utc():
    assert "10:00" in written("propose.buyer", time_zone="Mars/Olympus").text


def test_an_unknown_text_is_given_up():
    with pytest.raises(GiveUp, match=r"there is no text nothing\.buyer"):
        written("nothing.buyer")


def test_a_missing_value_is_given_up_and_named():
    with pytest.raises(GiveUp, match=r"text rule\.buyer\.ruled asks for ruling"):
        render("rule.buyer.ruled", {"due": ALL["due"]}, locale="en", time_zone="UTC")
