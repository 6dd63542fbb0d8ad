from datetime import UTC, datetime, timedelta, timezone
from uuid import RFC_4122

import pytest

from cases.ids import new_id

MOMENT = datetime(2026, 3, 2, 9, 30, 0, 123_999, tzinfo=UTC)


def test_an_id_is_a_version_7_uuid():
    made = new_id(MOMENT)

    assert (made.version, made.variant) == (7, RFC_4122)


def test_the_millisecond_can_be_read_back_from_an_id():
    milliseconds = new_id(MOMENT).int >> 80

    assert datetime.fromtimestamp(milliseconds // 1000, UTC) == MOMENT.replace(microsecond=0)
    assert milliseconds % 1000 == 123


def test_ids_sort_by_their_moment_in_any_zone():
    china = timezone(timedelta(hours=8))
    moments = [(MOMENT + timedelta(milliseconds=n)).astimezone(china) for n in range(50)]
    ids = [new_id(at) for at in moments]

    assert sorted(ids) == ids


def test_ids_of_one_moment_differ_and_use_all_their_random_bits():
    ids = {new_id(MOMENT) for _ in range(2_000)}
    seen = 0
    for made in ids:
        seen |= made.int ^ min(ids).int

    assert len(ids) == 2_000
    assert seen.bit_count() == 74


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(TypeError):
        new_id(datetime(2026, 3, 2))  # noqa: DTZ001 -- the mistake under test
