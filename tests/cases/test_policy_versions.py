from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from cases import policies
from cases.ids import new_id
from cases.models.policy import PolicyVersion, cancel, in_force, install, pinned, preload, publish

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SHORT = 'name = "own"\ninherits = "default"\nclocks.seller_response.length = "12h"\n'
LONG = SHORT.replace("12h", "36h")

pytestmark = pytest.mark.django_db


def day(number):
    return MONDAY + timedelta(days=number)


def test_a_published_policy_is_the_first_version_of_its_name():
    version = publish(SHORT, effective_from=day(1), at=day(0))

    stored = PolicyVersion.objects.get()
    assert (stored.pk, stored.name, stored.version) == (version.pk, "own", 1)
    assert (stored.effective_from, stored.published_at) == (day(1), day(0))
    assert stored.bases == [policies.source_of("default")]


def test_the_same_text_is_published_once():
    first = publish(SHORT, effective_from=day(0), at=day(0))

    assert publish(SHORT, effective_from=day(5), at=day(5)) == first
    assert PolicyVersion.objects.count() == 1


def test_another_text_is_a_new_version():
    publish(SHORT, effective_from=day(0), at=day(0))
    second = publish(LONG, effective_from=day(5), at=day(1))
    third = publish(SHORT, effective_from=day(6), at=day(1))

    assert (second.version, third.version) == (2, 3)


def test_the_version_in_force_is_the_last_one_that_has_begun():
    publish(SHORT, effective_from=day(0), at=day(0))
    publish(LONG, effective_from=day(5), at=day(0))

    almost = day(5) - timedelta(microseconds=1)
    assert [in_force("own", at).version for at in (day(0), almost, day(5), day(9))] == [1, 1, 2, 2]


@pytest.mark.parametrize(("name", "at"), [("own", day(-1)), ("other", day(1))])
def test_where_no_version_is_in_force_there_is_none(name, at):
    publish(SHORT, effective_from=day(0), at=day(0))

    with pytest.raises(PolicyVersion.DoesNotExist):
        in_force(name, at)


@pytest.mark.parametrize("number", [0, -1])
def test_a_new_version_begins_after_the_latest_one(number):
    publish(SHORT, effective_from=day(0), at=day(0))

    with pytest.raises(ValueError, match=r"^own 1 is in force from 2026-03-02"):
        publish(LONG, effective_from=day(number), at=day(0))


def test_a_bad_file_is_not_published():
    with pytest.raises(policies.BadPolicy) as refused:
        publish(SHORT + "colour = 1\ndemo = 2\n", effective_from=day(0), at=day(0))

    assert [mistake.line for mistake in refused.value.mistakes] == [4, 5]
    assert PolicyVersion.objects.count() == 0


def test_a_pinned_policy_is_read_once_per_process(django_assert_num_queries):
    version = publish(SHORT, effective_from=day(0), at=day(0))
    other = publish(LONG, effective_from=day(1), at=day(0))

    with django_assert_num_queries(1):
        policy = pinned(version.pk)
    with django_assert_num_queries(0):
        assert pinned(version.pk) is policy
    assert (policy.name, policy.version, str(policy.length("seller_response"))) == ("own", 1, "12h")
    assert str(pinned(other.pk).length("seller_response")) == "36h"


def test_many_policies_are_read_in_one_query(django_assert_num_queries):
    ids = [
        publish(text, effective_from=day(n), at=day(0)).pk for n, text in enumerate((SHORT, LONG))
    ]

    with django_assert_num_queries(1):
        preload(ids)
    with django_assert_num_queries(0):
        preload(ids)
        assert [str(pinned(pk).length("seller_response")) for pk in ids] == ["12h", "36h"]


def test_a_version_that_does_not_exist_is_not_pinned():
    with pytest.raises(PolicyVersion.DoesNotExist):
        pinned(new_id(day(0)))


def test_a_stored_version_does_not_change_with_the_preset_it_inherits_from():
    older = policies.source_of("default").replace('\nlength = "24h"', '\nlength = "23h"', 1)
    row = PolicyVersion.objects.create(
        id=new_id(day(0)),
        name="own",
        version=1,
        effective_from=day(0),
        source=SHORT,
        bases=[older],
        sha256="0" * 64,
        published_at=day(0),
    )

    assert str(pinned(row.pk).length("offer_reply")) == "23h"
    assert publish(SHORT, effective_from=day(1), at=day(1)).version == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(source=LONG),
        lambda rows: rows.update(effective_from=day(9)),
        lambda rows: rows.update(cancelled_at=day(-1), source=LONG),
        lambda rows: rows.delete(),
    ],
)
def test_a_version_can_neither_be_changed_nor_deleted(change):
    publish(SHORT, effective_from=day(0), at=day(0))

    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        change(PolicyVersion.objects.filter(name="own"))


def test_a_version_is_cancelled_for_good_and_only_before_it_begins():
    version = publish(SHORT, effective_from=day(5), at=day(0))

    with pytest.raises(IntegrityError, match="before_it_began"), transaction.atomic():
        PolicyVersion.objects.update(cancelled_at=day(5))
    assert cancel(version, at=day(1)) is True
    assert cancel(version, at=day(1)) is False
    for change in ({"cancelled_at": None}, {"cancelled_at": day(2)}):
        with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
            PolicyVersion.objects.update(**change)
    with pytest.raises(PolicyVersion.DoesNotExist):
        in_force("own", day(6))


def test_after_a_cancelled_version_the_numbers_go_on():
    publish(SHORT, effective_from=day(0), at=day(0))
    cancel(publish(LONG, effective_from=day(5), at=day(1)), at=day(2))

    third = publish(LONG, effective_from=day(5), at=day(3))

    assert (third.version, in_force("own", day(5))) == (3, third)
    assert publish(LONG, effective_from=day(9), at=day(4)) == third


@pytest.mark.parametrize("same", ["version", "effective_from"])
def test_two_versions_never_share_a_number_or_a_beginning(same):
    first = publish(SHORT, effective_from=day(0), at=day(0))
    different = {"version": 2, "effective_from": day(1)} | {same: getattr(first, same)}

    with pytest.raises(IntegrityError, match="policy_"), transaction.atomic():
        PolicyVersion.objects.create(
            id=new_id(day(0)),
            name="own",
            source=LONG,
            sha256="0" * 64,
            published_at=day(0),
            **different,
        )


# Presets


ANNOUNCED = datetime(2024, 3, 24, 16, tzinfo=UTC)  # midnight in Shanghai
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def answer_time(at):
    return str(pinned(in_force("wechat_miniprogram", at).pk).length("seller_response"))


def test_a_preset_is_published_with_every_version_that_was_announced():
    newest = install("wechat_miniprogram", since=LONG_AGO, at=day(0))

    assert (newest.version, newest.effective_from) == (2, ANNOUNCED)
    assert answer_time(ANNOUNCED - timedelta(microseconds=1)) == "72h"
    assert answer_time(ANNOUNCED) == "48h"


def test_a_version_that_was_replaced_before_the_beginning_is_left_out():
    newest = install("wechat_miniprogram", since=day(0), at=day(0))

    assert (newest.version, newest.effective_from) == (1, day(0))
    assert answer_time(day(0)) == "48h"


def test_a_preset_is_published_once():
    first = install("wechat_miniprogram", since=LONG_AGO, at=day(0))

    assert install("wechat_miniprogram", since=LONG_AGO, at=day(1)) == first
    assert install("wechat_miniprogram", since=day(2), at=day(2)) == first
    assert PolicyVersion.objects.count() == 2


def test_an_announced_version_follows_the_one_that_is_stored():
    old, _ = policies.versions_of("wechat_miniprogram")
    publish(old, effective_from=LONG_AGO, at=LONG_AGO)

    assert install("wechat_miniprogram", since=LONG_AGO, at=day(0)).version == 2
    assert answer_time(ANNOUNCED) == "48h"


def test_a_preset_that_does_not_exist_is_not_published():
    with pytest.raises(KeyError):
        install("wechat_mini", since=day(0), at=day(0))
