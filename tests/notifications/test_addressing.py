"""Quiet hours are the reader's own."""

from datetime import UTC, datetime, time

import pytest

from notifications.models import Contact
from notifications.post_office import when

NIGHT = {"quiet_from": time(22), "quiet_until": time(8)}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "at", "allowed"),
    [
        ("Asia/Shanghai", "2026-01-05 13:59", "2026-01-05 13:59"),  # 21:59 there
        ("Asia/Shanghai", "2026-01-05 14:00", "2026-01-06 00:00"),  # 22:00 → 08:00 next day
        ("Asia/Shanghai", "2026-01-05 20:00", "2026-01-06 00:00"),  # 04:00 → 08:00 same day
        ("Asia/Shanghai", "2026-01-06 00:00", "2026-01-06 00:00"),  # 08:00: allowed again
        ("America/New_York", "2026-01-05 13:59", "2026-01-05 13:59"),  # 08:59
        ("America/New_York", "2026-01-06 04:00", "2026-01-06 13:00"),  # 23:00
        ("Asia/Kolkata", "2026-01-05 17:00", "2026-01-06 02:30"),  # 22:30, half an hour off
        ("Europe/Berlin", "2026-03-28 22:00", "2026-03-29 06:00"),  # summer time comes that night
        ("Europe/Berlin", "2026-10-24 21:00", "2026-10-25 07:00"),  # and goes
    ],
)
def test_a_night_passes_midnight_in_the_zone_of_the_reader(zone, at, allowed):
    assert when(Contact(time_zone=zone, **NIGHT), utc(at)) == utc(allowed)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [("11:59", "11:59"), ("12:00", "14:00"), ("13:59", "14:00"), ("14:00", "14:00")],
)
def test_a_nap_lies_within_a_day(at, allowed):
    contact = Contact(time_zone="UTC", quiet_from=time(12), quiet_until=time(14))

    assert when(contact, utc(f"2026-01-05 {at}")) == utc(f"2026-01-05 {allowed}")


def test_an_end_that_summer_time_skips_is_moved_on():
    contact = Contact(time_zone="Europe/Berlin", quiet_from=time(22), quiet_until=time(2, 30))

    assert when(contact, utc("2026-03-28 23:00")) == utc("2026-03-29 01:30")  # 03:30 there


def test_without_quiet_hours_any_moment_will_do():
    assert when(Contact(), utc("2026-01-05 03:00")) == utc("2026-01-05 03:00")
