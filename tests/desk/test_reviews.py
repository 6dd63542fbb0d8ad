"""Blind second reviews: drawn by chance, written by who has not decided, changing no case."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases.models import Evidence, File, Ruling
from cases.refusals import BadTerms
from mediation.models import BlindReview, Deed
from mediation.oversight import reviews
from mediation.steps import database_clock
from tests import world
from tests.desk.situations import Scene, all_of
from tests.desk.staff import drawn, hire, ruled
from tests.files.rows import row

pytestmark = pytest.mark.django_db

MINE, DRAW = reverse("admin:blind_reviews"), reverse("admin:draw_reviews")
ROLES = ["mediator", "senior", "supervisor", "auditor", "ops"]
HIDDEN = "The seller sold a burnt plug."
DECIDED = {
    "remedy": "refund_only",
    "amount": "60.00",
    "reasons": "The photo shows it.",
    "fault_buyer": 0,
    "fault_seller": 100,
    "fault_platform": 0,
    "fault_carrier": 0,
}


@pytest.fixture
def scene():
    found = Scene()
    found.case = found.queued()
    found.ruling = ruled(found.case, found.mia, state="live", rule=HIDDEN)
    found.sol, found.max = found.staff["supervisor"], found.staff["second"]
    return found


def draw(scene, number=10):
    return reviews.draw(scene.sol, number, at=database_clock())


def page_of(review):
    return reverse("admin:blind_review", args=[review.pk])


def test_first_rulings_of_the_last_days_are_drawn_once(scene):
    for state, instance in (("draft", 1), ("void", 1), ("final", 2)):
        other = scene.queued()
        ruled(other, scene.mia, state=state, instance=instance)
    old = scene.queued()
    ruled(old, scene.mia, at=database_clock() - 31 * (world.day(1) - world.day(0)))

    [review] = draw(scene)

    assert (review.ruling_id, review.ruled_by) == (scene.ruling.pk, scene.mia.person)
    assert review.excluded == [scene.mia.person]
    assert draw(scene) == []
    noted = Deed.objects.get()
    assert (noted.act, noted.details["count"]) == ("draw_reviews", 1)


@pytest.mark.requirement("K10")
def test_a_sample_is_as_large_as_asked_and_left_to_chance(scene):
    for _ in range(5):
        ruled(scene.queued(), scene.mia)

    first = [review.ruling_id for review in draw(scene, 3)]
    second = [review.ruling_id for review in draw(scene, 3)]

    assert len({*first, *second}) == 6
    assert {*first, *second} == set(Ruling.objects.values_list("pk", flat=True))


def test_who_has_ruled_or_approved_is_left_out(scene):
    scene.ruling.approved_by, scene.ruling.approved_at = scene.max.person, database_clock()
    scene.ruling.save()
    draw(scene)

    assert reviews.take_next(scene.mia, at=database_clock()) is None
    assert reviews.take_next(scene.max, at=database_clock()) is None
    taken = reviews.take_next(scene.staff["senior"], at=database_clock())
    assert taken.ruling_id == scene.ruling.pk


def test_nobody_reviews_the_own_ruling_whatever_the_code_says(scene):
    with pytest.raises(IntegrityError, match="by_another"), transaction.atomic():
        drawn(scene.sol, scene.ruling, reviewer=scene.mia)


def test_one_review_is_taken_by_one_and_again_by_the_same(scene):
    draw(scene)

    taken = reviews.take_next(scene.max, at=database_clock())

    assert reviews.take_next(scene.max, at=database_clock()) == taken
    assert reviews.take_next(scene.staff["senior"], at=database_clock()) is None
    assert reviews.give_back(taken, scene.max) is True
    assert reviews.give_back(taken, scene.max) is False
    assert reviews.take_next(scene.staff["senior"], at=database_clock()) == taken


def test_languages_and_marketplaces_of_a_mediator_count(scene):
    draw(scene)
    elsewhere = world.marketplace("elsewhere")
    foreign = hire("foreign", marketplaces=[elsewhere])
    chinese = hire("chinese", languages=["zh-hans"])

    found = [reviews.take_next(each, at=database_clock()) for each in (foreign, chinese)]

    assert found == [None, None]


@pytest.mark.parametrize("role", ROLES)
def test_who_draws_takes_and_lists(role, client, scene):
    who = hire("somebody", role)
    client.force_login(who.user)
    [review] = draw(scene)

    answers = [
        client.get(MINE),
        client.post(DRAW, {"number": 3}),
        client.get(reverse("admin:mediation_blindreview_changelist")),
        client.post(MINE),
        client.get(page_of(review)),
    ]

    statuses = [answer.status_code for answer in answers]
    judge, office = role in {"mediator", "senior"}, role in {"supervisor", "auditor", "ops"}
    assert statuses == [
        200,
        302 if role == "supervisor" else 403,
        200 if office else 403,
        302 if judge else 403,
        200 if judge else 403,
    ]
    assert BlindReview.objects.get().reviewer == (who.person if judge else "")


def test_the_reviewer_sees_the_case_and_not_the_ruling_nor_who_ruled(client, scene):
    [review] = draw(scene)
    client.force_login(scene.max.user)
    client.post(MINE)

    text = client.get(page_of(review)).content.decode()

    assert "It does not fit." in text
    hidden = [HIDDEN, "Mia", scene.case.number, str(scene.case.pk), str(scene.ruling.pk)]
    assert [found for found in hidden if found in text] == []


def test_a_review_is_written_once_and_changes_no_case(client, scene):
    [review] = draw(scene)
    client.force_login(scene.max.user)
    client.post(MINE)
    before = all_of(scene.case), Ruling.objects.values().get()

    written = client.post(page_of(review), DECIDED)
    again = client.post(page_of(review), {**DECIDED, "amount": "1.00"})

    assert (written.status_code, again.status_code) == (302, 404)
    found = BlindReview.objects.get()
    told = (found.remedy, found.amount, found.fault["seller"], found.reasons)
    assert told == ("refund_only", 6_000, 100, "The photo shows it.")
    assert (all_of(scene.case), Ruling.objects.values().get()) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"remedy": ""},
        {"remedy": "prison"},
        {"amount": "60"},
        {"fault_seller": 90},
        {"fault_buyer": -1},
        {"reasons": ""},
    ],
)
def test_a_review_that_does_not_add_up_is_refused_and_kept(wrong, client, scene):
    [review] = draw(scene)
    client.force_login(scene.max.user)
    client.post(MINE)

    answer = client.post(page_of(review), DECIDED | wrong)

    assert answer.status_code == 422
    assert BlindReview.objects.get().reviewed_at is None
    with pytest.raises(BadTerms):
        reviews.write(
            *(review, scene.max),
            remedy="none",
            amount=0,
            fault={"buyer": 99},
            reasons="x",
            at=database_clock(),
        )


def test_files_are_shown_to_the_reviewer_alone(client, scene):
    [review] = draw(scene)
    file = row(scene.case, "buyer")
    File.everywhere.filter(pk=file.pk).update(case=scene.case)
    told = {"role": "buyer", "slot": "photo_goods", "sha256": file.sha256}
    Evidence.objects.create(
        id=file.pk,
        case=scene.case,
        event_id=scene.case.events.first().pk,
        handed_in_at=scene.ruling.ruled_at,
        file=file,
        **told,
    )
    address = reverse("admin:blind_review_file", args=[review.pk, file.pk, "content"])

    client.force_login(scene.max.user)
    assert client.get(address).status_code == 404  # not taken up
    client.post(MINE)
    shown = client.get(page_of(review)).content.decode()
    assert address in shown
    client.force_login(scene.staff["senior"].user)
    assert client.get(address).status_code == 404
