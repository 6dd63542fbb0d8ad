"""A complaint about a party: heard, decided, appealed; and what follows for the accused."""

import hashlib
import json

import pytest
from django.db import Error, IntegrityError

from cases.models import Case, Clock, Complaint, ComplaintEvent, ComplaintStatement, Event, Penalty
from cases.refusals import (
    BadTerms,
    DeadlinePassed,
    LeaseLost,
    NotIndependent,
    NotNow,
    NotYourStep,
    StaleVersion,
)
from mediation.complaints import stepping, writer
from mediation.complaints.writer import Wish
from mediation.invariants import check
from mediation.stepping import LEASE
from notifications.models import Contact, Delivery, Letter, WebhookEndpoint
from tests import world
from tests.complaint_world import (
    MIA,
    SOL,
    SUE,
    act,
    claimed,
    complain,
    does,
    in_review,
    lapse,
    penalties,
    read,
    upheld,
)
from tests.world import at, day, open_case, order

pytestmark = pytest.mark.django_db

LAPSED = 7  # savepoint twice, complaints, penalties, their events and rows, endpoints


@pytest.fixture
def case():
    return open_case(order(world.marketplace()))


def rows_of(case):
    """All that belongs to a case."""
    return [
        list(Case.everywhere.filter(pk=case.pk).values()),
        list(Event.objects.filter(case=case).values()),
        list(Clock.objects.filter(case=case).values()),
    ]


@pytest.mark.requirement("D20", "R11", "M06")
def test_a_complaint_names_a_case_and_never_moves_or_stops_it(case):
    before = rows_of(case)

    found = upheld(case, "evidence_first")
    lapse(day(30))

    assert read(found).state == "final"
    assert rows_of(case) == before
    assert check(day(0)) == {}


@pytest.mark.requirement("M12")
def test_the_accused_is_heard_before_anything_is_decided(case):
    found = complain(case)
    assert (found.state, found.clock, found.due_at) == ("open", "hearing", day(3))

    refused = act(found, "claim", MIA, when=day(1), until=day(1) + LEASE)
    assert isinstance(refused, NotNow)

    found = does(found, "answer", "buyer", when=day(1), statement="I did not.")
    assert (found.state, found.heard, found.clock) == ("in_review", True, "review")


def test_silence_in_the_hearing_leads_to_the_review_and_counts_as_silence(case):
    found = complain(case)

    assert lapse(day(3)) == 1

    found = read(found)
    event = found.events.get(name="close_hearing")
    assert (found.state, found.heard) == ("in_review", False)
    assert (event.due_at, event.at, event.role) == (day(3), day(3), "clock")
    assert lapse(day(3)) == 0


def reachable(*parties):
    for party in parties:
        Contact.objects.create(
            recipient_id=party.pk,
            marketplace_id=party.marketplace_id,
            channel="email",
            address="a@example.com",
        )


def test_the_accused_is_reminded_once_a_day_before_the_hearing_ends(case):
    reachable(case.buyer, case.seller)
    found = complain(case)
    assert (found.next_at, found.version, lapse(day(1))) == (day(2), 1, 0)

    assert (lapse(day(2)), lapse(day(2))) == (1, 0)

    found = read(found)
    assert (found.state, found.version, found.next_at) == ("open", 1, day(3))
    reminder = found.events.get(name="remind")
    assert (reminder.role, reminder.clock, json.loads(reminder.payload)["due_at"]) == (
        "clock",
        None,
        day(3).isoformat(),
    )
    letter = Letter.objects.get(event_id=reminder.pk)
    assert (letter.template, letter.recipient_id) == ("complaint_remind.accused", case.buyer_id)
    assert check(day(0)) == {}


def test_who_has_told_its_side_is_not_reminded(case):
    found = complain(case)

    found = does(found, "answer", "buyer", when=day(1), statement="I did not.")

    assert found.next_at == found.due_at
    assert lapse(day(2)) == 0


def test_an_answer_after_the_hearing_is_late_and_the_lapse_is_kept(case):
    found = complain(case)

    late = act(found, "answer", "buyer", when=day(3), statement="I did not.")

    assert isinstance(late, DeadlinePassed)
    assert read(found).state == "in_review"


def test_what_is_upheld_restricts_the_accused_at_once_and_for_a_while(case):
    found = upheld(case, "evidence_first", "purchase_limit")

    rows = {row.kind: row for row in Penalty.objects.filter(complaint=found)}
    assert (found.state, found.verdict, found.due_at) == ("upheld", "upheld", day(7))
    assert {kind: row.ends_at for kind, row in rows.items()} == {
        "evidence_first": day(90),
        "purchase_limit": day(30),
    }
    assert [row.in_force(day(29)) for row in rows.values()] == [True, True]
    assert rows["purchase_limit"].in_force(day(30)) is False


@pytest.mark.requirement("T12")
def test_a_seller_gets_the_points_of_the_ground_and_the_restriction_that_was_chosen(case):
    found = upheld(case, "delist", "freeze", by="buyer", ground="counterfeit")

    rows = Penalty.objects.filter(party=case.seller)
    assert {row.kind: row.points for row in rows} == {"points": 12, "delist": 0, "freeze": 0}
    assert {row.cause for row in rows} == {"counterfeit"}
    assert found.accused_id == case.seller_id


def test_a_restriction_of_the_other_side_is_refused_and_changes_nothing(case):
    found = in_review(case)

    refused = act(found, "uphold", MIA, when=day(0), statement="So.", restrictions=["freeze"])

    assert isinstance(refused, BadTerms)
    assert (read(found).state, read(found).version) == ("in_review", found.version)
    assert penalties(case.buyer) == []


def test_whoever_lost_appeals_once_and_another_senior_person_decides(case):
    found = upheld(case, "manual_review")
    wrong = act(found, "appeal", "seller", when=day(1), statement="More!")
    found = does(found, "appeal", "buyer", when=day(1), statement="It is not true.")

    plain = act(found, "claim", MIA, when=day(1), until=day(1) + LEASE)
    found = claimed(found, SUE, when=day(1))
    found = does(found, "reverse", SUE, when=day(1), statement="The buyer is right.")

    assert isinstance(wrong, NotYourStep)
    assert isinstance(plain, NotIndependent)
    assert (found.state, found.verdict, found.clock) == ("final", "dismissed", "")
    [row] = Penalty.objects.filter(complaint=found)
    assert (row.lifted_at, row.lifted_by, row.in_force(day(1))) == (day(1), "senior", False)


def test_nobody_decides_the_appeal_against_the_own_decision(case):
    found = complain(case)
    found = does(found, "answer", "buyer", when=day(0), statement="No.")
    found = claimed(found, SUE, when=day(0))
    found = does(found, "uphold", SUE, when=day(0), statement="So it is.", restrictions=["notice"])
    found = does(found, "appeal", "buyer", when=day(1), statement="No.")

    refused = act(found, "claim", SUE, when=day(1), until=day(1) + LEASE)

    assert isinstance(refused, NotIndependent)


def test_an_appeal_against_a_dismissal_may_still_restrict(case):
    found = in_review(case)
    found = does(found, "dismiss", MIA, when=day(0), statement="Not shown.")
    assert (found.state, found.verdict) == ("dismissed", "dismissed")
    found = does(found, "appeal", "seller", when=day(1), statement="Look again.")
    found = claimed(found, SUE, when=day(1))

    does(found, "reverse", SUE, when=day(1), statement="Shown.", restrictions=["notice"])

    assert penalties(case.buyer) == ["notice"]


def test_what_our_own_people_brought_is_final_when_it_is_dismissed(case):
    found = complain(case, by=MIA)
    lapse(day(3))
    found = claimed(read(found), when=day(3))

    found = does(found, "dismiss", MIA, when=day(3), statement="Nothing in it.")

    assert (found.state, found.reporter_id, found.reporter_role) == ("final", None, "mediator")


def test_a_supervisor_lifts_what_is_in_force_with_a_reason(case):
    found = upheld(case, "notice")
    lapse(day(7))

    does(found, "lift", SOL, when=day(8), statement="Long enough.")
    again = act(found, "lift", SOL, when=day(8), statement="Once more.")

    [row] = Penalty.objects.filter(complaint=found)
    assert (row.lifted_at, row.lifted_by) == (day(8), "supervisor")
    assert isinstance(again, NotNow)


def test_who_complained_takes_it_back_and_nobody_else(case):
    found = complain(case)

    refused = act(found, "withdraw", "buyer", when=day(1))
    found = does(found, "withdraw", "seller", when=day(1))

    assert isinstance(refused, NotYourStep)
    assert (found.state, found.due_at, lapse(day(9))) == ("withdrawn", None, 0)


def test_the_accused_is_asked_again_as_often_as_the_policy_allows(case):
    found = in_review(case)
    found = does(found, "ask", MIA, when=day(0), statement="And the second order?")
    assert (found.state, found.holder, found.hearings) == ("open", "", 2)
    found = does(found, "answer", "buyer", when=day(1), statement="The same.")
    found = claimed(found, when=day(1))

    refused = act(found, "ask", MIA, when=day(1), statement="And?")

    assert refused.code == "LIMIT_REACHED"


def test_a_lease_that_ran_out_is_free_for_others_and_worth_nothing(case):
    found = in_review(case)
    other = MIA.__class__(role="mediator", person="9")
    held = act(found, "claim", other, when=day(0), until=day(0) + LEASE)

    late = act(found, "uphold", MIA, when=day(1), statement="So.")
    found = claimed(found, other, when=day(1))

    assert isinstance(held, NotNow)
    assert isinstance(late, LeaseLost)
    assert found.holder == "9"


@pytest.mark.requirement("K11")
def test_the_platform_is_on_the_clock_too(case):
    found = in_review(case)  # Monday

    lapse(day(7))
    lapse(day(8))

    found = read(found)
    assert (found.overdue, found.state, found.due_at) == (True, "in_review", day(9))
    assert found.events.filter(name="to_supervisor").count() == 2


def test_a_stale_version_is_told_and_changes_nothing(case):
    found = complain(case)
    wish = Wish(
        complaint_id=found.pk,
        step="answer",
        by=world.actor(case, "buyer"),
        inputs={"statement": "No."},
        version=7,
    )

    assert isinstance(writer.take(wish, clock=at(day(1))), StaleVersion)
    assert read(found).state == "open"


def test_the_chain_holds_no_words_and_verifies(case):
    found = upheld(case, "notice")

    events = list(ComplaintEvent.objects.filter(complaint=found).order_by("sequence"))
    head = bytes(32)
    for number, event in enumerate(events, 1):
        link = head + str(number).encode() + event.payload.encode()
        head = hashlib.sha256(link).digest()
        assert (event.sequence, bytes(event.hash)) == (number, head)
        assert "So it is" not in event.payload
    assert bytes(found.head) == head
    assert [event.name for event in events] == ["file", "answer", "claim", "uphold"]
    written = ComplaintStatement.objects.filter(complaint=found)
    assert {row.text for row in written} == {"Look at it.", "I did not.", "So it is."}
    with pytest.raises(Error):
        events[0].delete()


def test_a_state_that_no_step_leads_to_is_refused_by_the_database(case):
    found = complain(case)

    with pytest.raises(Error, match="no step leads"):
        Complaint.everywhere.filter(pk=found.pk).update(state="final")


def test_the_same_complaint_is_not_brought_twice_while_it_is_open(case):
    complain(case)

    with pytest.raises(NotNow):
        complain(case)
    assert Complaint.everywhere.count() == 1


def test_nobody_complains_of_the_own_party(case):
    found = complain(case)

    with pytest.raises(IntegrityError):
        Complaint.everywhere.filter(pk=found.pk).update(reporter=found.accused)


@pytest.mark.requirement("K11")
def test_both_sides_get_letters_and_the_marketplace_the_consequences_by_a_stable_key(case):
    reachable(case.buyer, case.seller)
    WebhookEndpoint.objects.create(
        marketplace_id=case.marketplace_id, url="https://shop.example/hook", secret="whsec_x"
    )

    found = upheld(case, "freeze", by="buyer", ground="broken_promise")

    letters = Letter.objects.filter(case_id=found.pk).order_by("due_at", "template")
    assert sorted(letters.values_list("template", flat=True)) == [
        "complaint_file.accused",
        "complaint_file.reporter",
        "complaint_uphold.accused.restricted",
        "complaint_uphold.reporter",
    ]
    told = [json.loads(row.body) for row in Delivery.objects.order_by("sequence")]
    assert [row["type"] for row in told] == [
        "complaint.file",
        "complaint.answer",
        "complaint.uphold",
    ]
    rows = {str(row.pk): row.kind for row in Penalty.objects.all()}
    assert {row["id"]: row["kind"] for row in told[-1]["consequences"]} == rows


def test_a_complaint_that_cannot_lapse_is_parked_and_holds_up_no_other(case, monkeypatch):
    bad, good = complain(case), complain(case, "buyer", ground="abuse")
    real = stepping.run_out

    def broken(complaint, *rest):
        if complaint.pk == bad.pk:
            raise RuntimeError("broken")
        real(complaint, *rest)

    monkeypatch.setattr(stepping, "run_out", broken)
    assert lapse(day(3)) == 2
    monkeypatch.setattr(stepping, "run_out", real)

    assert (read(bad).state, read(good).state) == ("open", "in_review")
    assert (read(bad).parked, read(bad).due_at) == (1, day(3))
    lapse(day(4))
    assert read(bad).state == "in_review"


@pytest.mark.parametrize("n", [1, 3])
def test_a_lapse_costs_the_same_statements_for_any_number(n, django_assert_num_queries):
    market = world.marketplace()
    for _ in range(n):
        complain(open_case(order(market)))

    with django_assert_num_queries(LAPSED):
        assert writer.lapse(clock=at(day(3))) == n
