"""The page of a case: everything that is known, nothing that is sealed."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from cases import models
from mediation import docket
from mediation.steps import database_clock
from notifications.models import Contact, Letter
from tests import world
from tests.copies import multiply
from tests.desk.situations import Scene, all_of, read, step
from tests.desk.staff import hire

pytestmark = pytest.mark.django_db

CASE = 32  # statements, session, log-in and second factor included


@pytest.fixture
def scene():
    return Scene()


def look(client, case, who, **headers):
    client.force_login(who.user)
    return client.get(reverse("admin:cases_case_change", args=[case.pk]), **headers)


def test_both_stories_stand_side_by_side(client, scene):
    case = scene.back_and_forth()

    stories = look(client, case, scene.mia).context["stories"]

    assert {side: [row.text for row in rows] for side, rows in stories.items()} == {
        "buyer": ["It does not fit."],
        "seller": ["No."],
        "staff": [],
    }


def test_the_timeline_is_told_in_sentences_latest_first(client, scene):
    case = scene.back_and_forth()

    timeline = look(client, case, scene.mia).context["timeline"]

    assert [row.sentence for row in timeline] == [
        "A mediator took the dispute from the docket.",
        "The buyer asked for a mediator.",
        "The seller refused.",
        "The buyer applied.",
    ]
    assert timeline[2].details == ["Outside the request window"]
    assert timeline[3].details == ["No longer wanted", "Refund only", "CNY 100.00"]


def test_why_a_case_was_taken_over_is_told_in_words_of_its_own(client, scene):
    case = scene.waiting_for_the_seller()
    step(case, "take_over", scene.mia.actor, reason="unsafe", statement="It burns.")

    timeline = look(client, case, scene.mia).context["timeline"]

    assert (timeline[0].sentence, timeline[0].details) == (
        "A mediator took the case over.",
        ["Unsafe goods"],
    )


def test_silence_is_told_with_the_clock_that_ran_out(client, scene):
    case = scene.queued()

    timeline = look(client, case, scene.mia).context["timeline"]

    assert timeline[0].sentence == "The seller stayed silent; the case went to the mediators."


def test_clocks_that_run_and_that_stand_still_are_told_apart(client, scene):
    case = scene.back_and_forth()

    clocks = look(client, case, scene.mia).context["clocks"]

    assert [(row.clock.name, row.stands_still) for row in clocks] == [
        ("ruling", False),
        ("reapply_window", True),
    ]


def test_a_sealed_bid_is_shown_to_nobody(client, scene):
    case = scene.in_review()
    step(case, "bid", world.actor(case, "buyer"), amount=7_654)
    assert models.Bid.objects.get().amount == 7_654

    page = look(client, case, scene.mia).content.decode()

    assert "76.54" not in page
    assert "7654" not in page
    assert "The buyer made a sealed bid." in page


def test_readers_of_letters_are_masked(client, scene):
    case = scene.queued()
    for channel, address in [("sms", "+8613812345678"), ("email", "bea@shop.example")]:
        Contact.objects.create(
            recipient_id=case.buyer_id,
            marketplace_id=case.marketplace_id,
            channel=channel,
            address=address,
        )
        Letter.objects.create(
            case_id=case.pk,
            event_id=uuid.uuid4(),
            recipient_id=case.buyer_id,
            marketplace_id=case.marketplace_id,
            channel=channel,
            template="open.buyer",
            locale="en",
            due_at=database_clock(),
        )

    answer = look(client, case, scene.mia)

    assert sorted(row.address for row in answer.context["letters"]) == [
        "+86 *** 5678",
        "b***@shop.example",
    ]
    assert answer.context["letters"][0].about == "We have received your application"
    assert "13812345678" not in answer.content.decode()
    assert "bea@" not in answer.content.decode()


def test_the_ruling_is_shown_as_it_is_approved(client, scene):
    case = scene.awaiting_approval()

    answer = look(client, case, scene.staff["second"])

    [ruling] = answer.context["rulings"]
    assert (ruling.content["rule"], ruling.words, ruling.by) == ("Article 4", "So it is.", "Mia")
    assert [(line.title, amount) for line, amount in ruling.amounts] == [("Cup", 40_000_000)]
    form = answer.context["acts"]["approve_ruling"]
    assert form["sha256"].value() == ruling.ruling.sha256


def test_the_lease_is_counted_down_for_who_holds_it(client, scene):
    case = scene.in_review()

    page = look(client, case, scene.mia).content.decode()

    assert "You hold the dispute" in page
    assert "data-countdown" in page
    assert "Held by Mia" in look(client, case, scene.staff["second"]).content.decode()


def test_the_token_of_a_lease_is_only_given_to_who_holds_it(client, scene):
    case = scene.in_review()
    token = str(case.docket.lease)

    assert token in look(client, case, scene.mia).content.decode()
    assert token not in look(client, case, scene.staff["second"]).content.decode()
    assert token not in look(client, case, scene.staff["supervisor"]).content.decode()


@pytest.mark.parametrize("address", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_case_is_not_found(address, client, scene):
    client.force_login(scene.mia.user)

    assert client.get(f"/admin/cases/case/{address}/change/").status_code == 404


def test_a_case_on_a_test_clock_lives_by_it(client, scene):
    case = scene.queued()
    clock = models.TestClock.objects.create(
        id=uuid.uuid4(), marketplace=scene.market, at=database_clock() + timedelta(minutes=5)
    )
    type(case).everywhere.filter(pk=case.pk).update(clock_id=clock.pk)

    assert look(client, case, scene.mia).context["at"] == clock.at


def test_a_short_and_a_long_story_cost_the_same_statements_alone_and_among_ten_thousand(
    client, scene, django_assert_num_queries
):
    short, long = scene.queued(), scene.in_review()
    for _ in range(3):
        step(long, "release", scene.mia.actor, lease=read(long).docket.lease)
        docket.claim(scene.mia, long.pk)
    step(long, "release", scene.mia.actor, lease=read(long).docket.lease)
    client.force_login(scene.mia.user)

    def cost_the_same():
        for case in (short, long):
            with django_assert_num_queries(CASE):
                client.get(reverse("admin:cases_case_change", args=[case.pk]))

    cost_the_same()
    multiply(
        10_000,
        models.Case.everywhere.filter(pk=long.pk),
        models.Dispute.objects.filter(case=long),
        models.Docket.objects.filter(case=long),
        models.Event.objects.filter(case=long, clock=None),
    )
    cost_the_same()


def test_cases_are_found_by_number_order_or_party(client, scene):
    case, other = scene.opened(), scene.opened()
    client.force_login(scene.mia.user)

    def found(term):
        answer = client.get(reverse("admin:cases_case_changelist"), {"q": term})
        return [row.pk for row in answer.context["cl"].result_list]

    for term in (case.number, str(case.pk), case.order.ref, case.buyer.ref, case.seller.ref):
        assert found(term) == [case.pk]
    assert found("nobody") == []
    assert set(found("")) == {case.pk, other.pk}


def test_an_auditor_looks_and_acts_not(client, scene):
    case = scene.queued()

    answer = look(client, case, hire("ann", "auditor"))

    assert answer.status_code == 200
    assert answer.context["acts"] == {}


def test_what_has_run_out_is_shown_as_run_out_before_a_worker_comes(client, scene):
    now = database_clock()
    order = world.order(scene.market, delivered=now - timedelta(days=4))
    case = world.open_case(order, when=now - timedelta(days=3))
    before = all_of(case)

    answer = look(client, case, scene.mia)

    assert answer.context["case"].state == "in_mediation"
    assert answer.context["dispute"].state == "queued"
    assert all_of(case) == before
