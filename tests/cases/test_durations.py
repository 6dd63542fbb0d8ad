from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.durations import (
    BadCalendar,
    BadLength,
    Calendar,
    due,
    nth_working_day,
    parse,
    parse_reminder,
    reminders,
)

CHINA = Calendar("Asia/Shanghai", "CN")
BERLIN = Calendar("Europe/Berlin", "DE")
NEW_YORK = Calendar("America/New_York")
PLAIN = Calendar("UTC")


def local(calendar, *numbers):
    return datetime(*numbers, tzinfo=ZoneInfo(calendar.time_zone))


def utc(*numbers):
    return datetime(*numbers, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "span", "working_days"),
    [
        ("1h", timedelta(hours=1), 0),
        ("24h", timedelta(days=1), 0),
        ("7d", timedelta(days=7), 0),
        ("3660d", timedelta(days=3660), 0),
        ("5wd", None, 5),
        ("1000wd", None, 1000),
    ],
)
def test_a_length_is_hours_days_or_working_days(text, span, working_days):
    length = parse(text)

    assert (str(length), length.span, length.working_days) == (text, span, working_days)


IMPOSSIBLE = [
    *("", "h", "24", "0h", "-1h", "+1h", "1.5h", "1e3h", "07d", " 7d", "7d ", "7 d", "7D", "7d\n"),
    *(
        "7days",
        "5w",
        "\uff124h",
        "٣d",
        "20s",
        "30m",
        "1_0h",
        "3661d",
        "87841h",
        "1001wd",
        "9999999wd",
    ),
    *("99999999999999999999d", 24, 24.0, None, True, ["24h"], b"24h"),
]


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_anything_else_is_no_length(text):
    with pytest.raises(BadLength):
        parse(text)


def test_seconds_are_for_demos_only():
    assert parse("20s", seconds=True).span == timedelta(seconds=20)
    with pytest.raises(BadLength, match=r"^'20s' is no length such as \"24h\", \"7d\" or \"5wd\"$"):
        parse("20s")


def test_days_have_24_hours_even_when_the_clocks_change():
    before_summer_time = local(BERLIN, 2026, 3, 28, 12)

    assert due(parse("1d"), before_summer_time, BERLIN) == local(BERLIN, 2026, 3, 29, 13)
    assert due(parse("24h"), before_summer_time, BERLIN) == local(BERLIN, 2026, 3, 29, 13)


def test_an_end_is_told_in_utc():
    assert due(parse("1h"), local(CHINA, 2026, 3, 2, 9), CHINA).tzinfo is UTC
    assert due(parse("1wd"), local(CHINA, 2026, 3, 2, 9), CHINA).tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ((2026, 3, 2, 9, 30), "1wd", (2026, 3, 3, 9, 30)),  # Monday to Tuesday
        ((2026, 3, 2, 9, 30), "5wd", (2026, 3, 9, 9, 30)),  # over a weekend
        ((2026, 3, 6, 9, 30), "1wd", (2026, 3, 9, 9, 30)),  # Friday to Monday
        ((2026, 3, 7, 9, 30), "1wd", (2026, 3, 9, 9, 30)),  # a Saturday counts from Sunday
        ((2026, 3, 8, 23, 59), "1wd", (2026, 3, 9, 23, 59)),
        ((2026, 2, 13, 10), "1wd", (2026, 2, 14, 10)),  # a make-up Saturday is worked
        ((2026, 2, 13, 10), "2wd", (2026, 2, 24, 10)),  # then Sunday and the Spring Festival
        ((2026, 2, 14, 10), "1wd", (2026, 2, 24, 10)),  # and may be a start itself
        ((2026, 9, 30, 10), "1wd", (2026, 10, 8, 10)),  # the National Day week
        ((2026, 10, 9, 10), "1wd", (2026, 10, 10, 10)),  # the other make-up Saturday
        ((2026, 10, 9, 10), "2wd", (2026, 10, 12, 10)),
    ],
)
def test_working_days_in_china(start, length, end):
    assert due(parse(length), local(CHINA, *start), CHINA) == local(CHINA, *end)


def test_the_local_date_decides_where_counting_begins():
    late_on_thursday_in_utc = utc(2026, 3, 5, 18)  # Friday, 02:00 in Shanghai

    assert due(parse("1wd"), late_on_thursday_in_utc, CHINA) == local(CHINA, 2026, 3, 9, 2)
    assert due(parse("1wd"), late_on_thursday_in_utc, PLAIN) == utc(2026, 3, 6, 18)


def test_a_working_day_keeps_the_local_time_when_the_clocks_change():
    friday = local(NEW_YORK, 2026, 3, 6, 10)

    end = due(parse("1wd"), friday, NEW_YORK)

    assert end == local(NEW_YORK, 2026, 3, 9, 10)
    assert end - friday.astimezone(UTC) == timedelta(hours=71)


def test_a_local_time_that_is_left_out_moves_on_by_the_gap():
    works_on_sunday = Calendar("Europe/Berlin", working_days=frozenset([date(2026, 3, 29)]))

    end = due(parse("1wd"), local(BERLIN, 2026, 3, 27, 2, 30), works_on_sunday)

    assert end == utc(2026, 3, 29, 1, 30)  # 03:30 in summer time


def test_a_local_time_that_comes_twice_means_the_first():
    works_on_sunday = Calendar("Europe/Berlin", working_days=frozenset([date(2026, 10, 25)]))

    end = due(parse("1wd"), local(BERLIN, 2026, 10, 23, 2, 30), works_on_sunday)

    assert end == utc(2026, 10, 25, 0, 30)  # still summer time


def test_public_holidays_are_those_of_the_country_and_region():
    scotland = Calendar("Europe/London", "GB-SCT")

    assert nth_working_day(BERLIN, date(2026, 4, 30), 1) == date(2026, 5, 4)  # 1 May is free
    assert nth_working_day(PLAIN, date(2026, 4, 30), 1) == date(2026, 5, 1)
    assert nth_working_day(scotland, date(2026, 1, 1), 1) == date(2026, 1, 5)  # 2 January is free


def test_a_policy_adds_working_days_and_holidays_of_its_own():
    own = Calendar(
        "Asia/Shanghai",
        "CN",
        working_days=frozenset([date(2026, 3, 7)]),
        holidays=frozenset([date(2026, 3, 9), date(2026, 2, 14)]),
    )

    assert nth_working_day(own, date(2026, 3, 6), 1) == date(2026, 3, 7)
    assert nth_working_day(own, date(2026, 3, 6), 2) == date(2026, 3, 10)
    assert nth_working_day(own, date(2026, 2, 13), 1) == date(2026, 2, 24)


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Mars/Olympus", "CN"),
        ("", "CN"),
        ("../etc/passwd", "CN"),
        ("/etc/localtime", "CN"),
        ("Asia", "CN"),
        ("Asia/Shanghai\0", "CN"),
        ("UTC", "XX"),
        ("UTC", "GB-ZZ"),
        ("UTC", ""),
        ("UTC", "cn"),
    ],
)
def test_an_unknown_zone_or_country_is_refused(zone, country):
    with pytest.raises(BadCalendar):
        Calendar(zone, country)


def test_a_day_cannot_be_free_and_not_free():
    day = frozenset([date(2026, 3, 9)])

    with pytest.raises(BadCalendar, match=r"^2026-03-09 is both a working day and a holiday$"):
        Calendar("UTC", working_days=day, holidays=day)


@pytest.mark.parametrize("length", ["1h", "1wd"])
def test_a_start_without_a_zone_is_refused(length):
    with pytest.raises(ValueError, match="needs a time zone"):
        due(parse(length), datetime(2026, 3, 2), PLAIN)  # noqa: DTZ001 -- the mistake under test


def remind(*texts, length="48h"):
    start = utc(2026, 3, 2)
    spec = [parse_reminder(text) for text in texts]
    moments = reminders(start, due(parse(length), start, PLAIN), spec)
    return [moment - start for moment in moments]


def test_reminders_come_at_a_share_or_some_time_before_the_end():
    assert remind("1h", "50%", "80%") == [
        timedelta(hours=24),
        timedelta(hours=38, minutes=24),
        timedelta(hours=47),
    ]


def test_reminders_of_one_moment_are_one():
    assert remind("50%", "24h", "1d") == [timedelta(hours=24)]


def test_a_reminder_outside_the_clock_falls_away():
    assert remind("48h", "3d", "50%") == [timedelta(hours=24)]
    assert remind() == []


def test_shares_of_working_days_are_shares_of_the_time_between():
    assert remind("50%", length="5wd") == [timedelta(days=3, hours=12)]


@pytest.mark.parametrize("text", ["0%", "100%", "50.5%", "%", "50 %", "1wd", "20s", "", 50, None])
def test_anything_else_is_no_reminder(text):
    with pytest.raises(BadLength, match="is no reminder"):
        parse_reminder(text)


def test_a_demo_is_reminded_in_seconds():
    assert parse_reminder("5s", seconds=True).before == timedelta(seconds=5)
