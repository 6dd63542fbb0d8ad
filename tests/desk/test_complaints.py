"""Complaints at the desk: the queue, the page, the acts; penalties, signals, follow-up."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.complaint_actions import STEPS
from cases.models import Complaint, ComplaintEvent, Penalty, Rating, Signal
from mediation import conduct
from mediation.complaints import docket
from mediation.desk import words
from mediation.desk.complaint_forms import FORMS
from mediation.steps import database_clock
from tests import complaint_world, world
from tests.desk.situations import Scene, step
from tests.desk.staff import hire
from tests.mediation.test_conduct import point
from tests.world import at, open_case, order

pytestmark = pytest.mark.django_db

PAGES = ("complaint", "penalty", "signal", "rating")


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def complaint(scene):
    return answered(scene.opened())


def answered(case):
    """A complaint of the seller's that the buyer has answered, on the real clock."""
    now = database_clock()
    found = complaint_world.complain(case, when=now)
    return complaint_world.does(found, "answer", "buyer", when=now, statement="I did not.")


def page(client, found):
    return client.get(reverse("admin:cases_complaint_change", args=[found.pk]))


def act(client, found, name, **inputs):
    version = Complaint.everywhere.get(pk=found.pk).version
    address = reverse("admin:cases_complaint_act", args=[found.pk, name])
    return client.post(address, {"version": version, **inputs})


def test_the_next_complaint_is_claimed_and_upheld_with_a_restriction(client, scene, complaint):
    client.force_login(scene.mia.user)

    answer = client.post(reverse("admin:claim_next_complaint"))
    assert answer.url == reverse("admin:cases_complaint_change", args=[complaint.pk])
    shown = page(client, complaint).content.decode()
    assert "I did not." in shown
    answer = act(
        client, complaint, "uphold", statement="So it is.", restrictions=["evidence_first"]
    )

    assert answer.status_code == 302
    assert Complaint.everywhere.get().state == "upheld"
    assert complaint_world.penalties(complaint.accused) == ["evidence_first"]
    event = ComplaintEvent.objects.get(name="uphold")
    assert (event.role, event.party_id) == ("mediator", None)


def test_a_senior_mediator_decides_the_appeal_and_the_first_one_may_not(client, scene, complaint):
    now = database_clock()
    found = complaint_world.claimed(complaint, scene.mia.actor, when=now)
    found = complaint_world.does(
        found, "uphold", scene.mia.actor, when=now, statement="So.", restrictions=["notice"]
    )
    complaint_world.does(found, "appeal", "buyer", when=now, statement="No.")

    client.force_login(scene.mia.user)
    assert act(client, found, "claim").status_code == 409
    client.force_login(scene.staff["senior"].user)
    client.post(reverse("admin:claim_next_complaint"))
    act(client, found, "reverse", statement="The buyer is right.")

    assert Complaint.everywhere.get().state == "final"
    assert Penalty.objects.get().lifted_by == "senior"


ACTS = {
    "claim": {"mediator", "senior"},
    "release": {"mediator", "senior"},
    "ask": {"mediator", "senior"},
    "uphold": {"mediator", "senior"},
    "dismiss": {"mediator", "senior"},
    "confirm": {"senior"},
    "reverse": {"senior"},
    "lift": {"supervisor"},
}
ROLES = ("mediator", "senior", "supervisor", "auditor", "ops")


def test_every_step_of_our_people_has_a_form_and_its_roles():
    by_us = {n: set(s.rule.by) & set(ROLES) for n, s in STEPS.items() if n != "file"}
    assert {name: roles for name, roles in by_us.items() if roles} == ACTS
    assert FORMS.keys() == ACTS.keys()


@pytest.mark.parametrize("name", ACTS)
def test_an_act_of_another_role_is_refused_by_the_server(name, client, scene, complaint):
    before = list(Complaint.everywhere.values())
    for role in set(ROLES) - ACTS[name]:
        client.force_login(scene.staff[role].user)
        assert act(client, complaint, name, statement="Words.").status_code == 403

    assert list(Complaint.everywhere.values()) == before


def test_who_does_not_work_for_a_marketplace_sees_and_does_nothing_there(client, complaint):
    stranger = hire("eve", marketplaces=[world.marketplace("souk")])
    client.force_login(stranger.user)

    assert page(client, complaint).status_code == 404
    assert act(client, complaint, "claim").status_code == 404
    listed = client.get(reverse("admin:cases_complaint_changelist"))
    assert listed.context["rows"] == []
    assert docket.claim_next(stranger) is None


def test_a_stale_form_changes_nothing_and_keeps_what_was_typed(client, scene, complaint):
    now = database_clock()
    complaint_world.claimed(complaint, scene.mia.actor, when=now)
    client.force_login(scene.mia.user)
    address = reverse("admin:cases_complaint_act", args=[complaint.pk, "dismiss"])

    answer = client.post(address, {"version": 1, "statement": "Nothing in it."})

    assert answer.status_code == 409
    assert "Nothing in it." in answer.content.decode()
    assert Complaint.everywhere.get().state == "in_review"


def test_as_many_complaints_are_claimed_as_one_can_look_after(client, scene):
    mia = scene.mia
    mia.__class__.objects.filter(pk=mia.pk).update(capacity=1)
    mia.refresh_from_db()
    one, other = answered(scene.opened()), answered(scene.opened())
    client.force_login(mia.user)

    first, second = docket.claim_next(mia), docket.claim_next(mia)
    by_hand = {found.pk: act(client, found, "claim").status_code for found in (one, other)}

    assert first.complaint.holder == mia.person
    assert second.code == "LIMIT_REACHED"
    assert by_hand == {one.pk: 302, other.pk: 409}  # who holds it goes on with it


@pytest.mark.parametrize("n", [1, 3])
def test_the_queue_costs_the_same_statements_for_any_number(n, client, scene):
    for _ in range(n):
        answered(scene.opened())
    client.force_login(scene.mia.user)
    address = reverse("admin:cases_complaint_changelist")
    client.get(address)

    counted = _count(lambda: client.get(address))

    assert counted == QUEUE


QUEUE = 13  # session, staff, six counts, rows, names, and who is logged in


def _count(act_):
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as context:
        act_()
    return len(context)


def test_points_of_the_record_are_lifted_by_a_supervisor_alone(client, scene):
    case = scene.opened()
    row = point(case, 3, database_clock() - timedelta(days=1))
    address = reverse("admin:lift_penalty", args=[row.pk])

    client.force_login(scene.mia.user)
    assert client.post(address, {"statement": "Please."}).status_code == 403
    client.force_login(scene.staff["supervisor"].user)
    assert client.get(reverse("admin:cases_penalty_change", args=[row.pk])).status_code == 200
    client.post(address, {"statement": ""})
    row.refresh_from_db()
    assert row.lifted_at is None
    client.post(address, {"statement": "The carrier was late."})

    row.refresh_from_db()
    assert (row.lifted_by, row.complaint.state, row.complaint.verdict) == (
        "supervisor",
        "final",
        "upheld",
    )


def test_a_signal_is_explained_and_our_people_may_complain_because_of_it(client, scene):
    now = database_clock()
    buyer = world.party(scene.market, "buyer")
    for _ in range(8):
        open_case(order(scene.market, buyer=buyer, delivered=now), when=now)
    conduct.look(clock=at(now + timedelta(minutes=1)))
    row = Signal.objects.get(name="frequent_refunder")
    client.force_login(scene.mia.user)

    shown = client.get(reverse("admin:cases_signal_change", args=[row.pk])).content.decode()
    listed = client.get(reverse("admin:cases_signal_changelist")).content.decode()
    client.post(reverse("admin:complain_of", args=[row.pk]), {"statement": "Look at that."})

    assert "8 cases in 90 days; from 8 on." in shown
    assert "8 cases in 90 days; from 8 on." in listed
    found = Complaint.everywhere.get()
    assert (found.ground, found.state, found.reporter_role) == ("signal", "open", "mediator")


def test_low_ratings_and_reopened_cases_are_followed_up(client, scene):
    case = scene.refunding()
    refund = case.refunds.get()
    step(case, "refund_settled", world.actor(case, "gateway"), refund=refund.pk)
    step(case, "rate", world.actor(case, "buyer"), score=1, attitude=1, statement="Rude!")
    client.force_login(scene.mia.user)
    address = reverse("admin:cases_rating_changelist")

    assert "Rude!" in client.get(address).content.decode()
    client.post(reverse("admin:looked_at", args=[Rating.objects.get().pk]))
    assert "Rude!" not in client.get(address).content.decode()
    assert Rating.objects.get().looked_by == scene.mia.person
    step(case, "reopen", world.actor(case, "buyer"), statement="It is not over.")
    assert case.number in client.get(address).content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_are_told_in_the_language_of_who_looks(language, client, scene, complaint):
    client.force_login(scene.mia.user)
    headers = {"accept-language": language}
    told = {"en": "Refund in bad faith", "zh-hans": "恶意退款"}[language]

    shown = client.get(
        reverse("admin:cases_complaint_change", args=[complaint.pk]), headers=headers
    ).content.decode()
    assert told in shown
    for name in PAGES:
        address = reverse(f"admin:cases_{name}_changelist")
        assert client.get(address, headers=headers).status_code == 200


def test_every_code_of_a_complaint_has_words():
    assert words.COMPLAINT_EVENTS.keys() == {*STEPS, "extend", "remind"}
