"""What stands beside the story of a case: one timeline, what comes next, what was before, rules."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files import File as Content
from django.urls import reverse

from cases.ids import new_id
from cases.models import (
    Case,
    Event,
    Evidence,
    Message,
    Parcel,
    ParcelEvent,
    Ruling,
    RulingToken,
    Statement,
)
from mediation.files import keeping
from mediation.messages import Draft
from mediation.steps import Wish, database_clock, take
from notifications.models import Letter
from tests import world
from tests.desk.situations import Scene, step
from tests.files.rows import row as file_row
from tests.files.samples import pdf
from tests.sizes import size

pytestmark = pytest.mark.django_db

MANY = size(60, 10_000)
HELD = 37  # statements for who holds the dispute and may rule, log-in included


@pytest.fixture
def scene():
    return Scene()


def look(client, case, who):
    client.force_login(who.user)
    return client.get(reverse("admin:cases_case_change", args=[case.pk]))


def hand_in(case, role, moment, **more):
    return Evidence.objects.create(
        id=new_id(moment),
        case=case,
        event_id=case.events.earliest("sequence").pk,
        role=role,
        slot="chat",
        handed_in_at=moment,
        **more,
    )


def test_one_timeline_tells_steps_messages_parcels_letters_and_clocks(client, scene):
    case, now = scene.back_and_forth(), database_clock()
    letter = {"recipient_id": case.buyer_id, "marketplace_id": case.marketplace_id}
    Letter.objects.create(
        case_id=case.pk,
        event_id=uuid4(),
        channel="email",
        template="open.buyer",
        locale="en",
        due_at=now - timedelta(minutes=50),
        **letter,
    )
    parcel = Parcel.objects.create(
        id=uuid4(),
        case=case,
        marketplace=scene.market,
        kind="return",
        carrier="SF",
        tracking_no="SF1",
        sent_at=now,
    )
    ParcelEvent.objects.create(
        id=uuid4(),
        marketplace=scene.market,
        parcel=parcel,
        source_id="1",
        carrier="SF",
        tracking_no="SF1",
        code="in_transit",
        happened_at=now - timedelta(minutes=40),
        recorded_at=now,
        place="Chengdu",
    )
    note = Draft(audience="mediators", text="Look at the seal.")
    take([Wish(case_id=case.pk, step="", by=scene.mia.actor, message=note)])

    chronicle = look(client, case, scene.mia).context["chronicle"]

    assert [(entry.kind, entry.sentence, entry.words) for entry in chronicle] == [
        ("clock", "Runs out: Ruling", ""),
        ("message", "A mediator wrote a message.", "Look at the seal."),
        ("step", "A mediator took the dispute from the docket.", ""),
        ("step", "The buyer asked for a mediator.", ""),
        ("step", "The seller refused.", ""),
        ("parcel", "On its way", ""),
        ("letter", "Letter, Buyer: We have received your application", ""),
        ("step", "The buyer applied.", ""),
    ]
    assert [entry.is_ahead for entry in chronicle] == [True] + [False] * 7
    assert chronicle[5].details == ["Return", "Chengdu"]
    assert chronicle[6].details == ["E-mail *** (Waiting to be sent)"]
    assert (chronicle[4].before, chronicle[4].after) == ("awaiting_seller", "refused")


def test_what_comes_next_is_told_and_the_case_stays_as_it_is(client, scene):
    case = scene.in_review()

    answer = look(client, case, scene.mia)

    coming = answer.context["coming"]
    assert {row.sentence for row in coming.events} == {
        "The ruling is overdue: the supervisor was told."
    }
    assert coming.ends == "From then on the same reminders and alarms come again."
    assert answer.context["dispute"].state == "in_review"


def test_the_other_cases_of_both_parties_are_counted(client, scene):
    case, now = scene.opened(), database_clock()
    for outcome in ("withdrawn", "running"):
        order = world.order(scene.market, delivered=now, buyer=case.buyer)
        other = world.open_case(order, when=now - timedelta(minutes=5))
        if outcome == "withdrawn":
            step(other, "withdraw", world.actor(other, "buyer"))

    buyer, seller = look(client, case, scene.mia).context["records"]

    assert (buyer.total, buyer.running, buyer.disputed) == (2, 1, 0)
    assert buyer.outcomes == [("withdrawn", 1)]
    assert [row.pk for row in buyer.latest] == [
        row.pk for row in Case.everywhere.exclude(pk=case.pk).order_by("-id")
    ]
    assert (seller.total, seller.outcomes) == (0, [])


def test_the_rules_are_those_of_the_pinned_policy(client, scene):
    case = scene.in_review()

    rules = {rule.title: rule.says for rule in look(client, case, scene.mia).context["rules"]}

    assert rules["Fault and freight"] == (
        "No longer wanted: fault lies with: nobody; sending it back is paid by: Buyer."
    )
    assert rules["Time to apply"] == "It may be applied for within 7 days from delivery."
    assert rules["Seller's answer"] == "48 hours; when they are over, a mediator comes in."
    assert rules["Ruling"] == "5 working days; when they are over, the supervisor is told."
    assert rules["Approval of a ruling"].startswith("Above CNY 2,000.00,")


def test_a_rule_is_cited_as_it_is_called_on_the_page(client, scene):
    answer = look(client, scene.in_review(), scene.mia)

    citation = answer.context["rules"][1].citation
    assert citation == "Default, version 1 · Time to apply"
    assert f'<option value="{citation}">' in answer.content.decode()


def test_a_hint_stands_beside_the_case(client, scene):
    now = database_clock()
    order = world.order(scene.market, delivered=now)
    case = world.open_case(order, when=now, reason="duplicate", remedy="refund_only")

    assert "No second purchase was found." in look(client, case, scene.mia).content.decode()


def test_what_came_after_the_sealing_is_called_late(client, scene):
    case = scene.in_review()
    early = hand_in(case, "buyer", database_clock())
    lease = case.docket.lease
    asked = {"requests": {"buyer": ["chat"]}, "statement": "Show it."}
    step(case, "ask_evidence", scene.mia.actor, lease, **asked)
    step(case, "hand_in", world.actor(case, "buyer"), statement="That is all.")
    sealed_at = case.evidence_requests.get().sealed_at
    late = hand_in(case, "buyer", sealed_at + timedelta(seconds=1), round=1)
    other = hand_in(case, "seller", sealed_at + timedelta(seconds=1), round=1)

    rows = look(client, case, scene.mia).context["evidence"]

    assert {row.pk: row.is_late for row in rows} == {
        early.pk: False,
        late.pk: True,
        other.pk: False,
    }


def test_a_case_that_was_split_off_shows_what_the_first_one_was_told(client, scene):
    case = scene.opened(quantity=2)
    shown = hand_in(case, "buyer", database_clock())
    items = [{"line": case.order.lines.get().pk, "quantity": 1, "amount": None}]
    other = {"reason": "other", "remedy": "refund_only", "statement": "One is missing."}
    other |= {"items": items}
    step(case, "split", world.actor(case, "buyer"), **other)

    branch = Case.everywhere.get(family=case.pk)
    context = look(client, branch, scene.mia).context

    assert [row.pk for row in context["evidence"]] == [shown.pk]
    assert context["stories"]["buyer"][0].text == "It does not fit."


def test_a_file_tells_whether_it_was_rebuilt(client, scene):
    case = scene.opened()
    kept = file_row(case, "seller")
    hand_in(case, "seller", database_clock(), file=kept, sha256=kept.sha256)
    type(kept).everywhere.filter(pk=kept.pk).update(case=case, uploaded_sha256="0" * 64)

    [row] = look(client, case, scene.mia).context["evidence"]

    assert (row.is_rebuilt, row.occasion) == (True, "The buyer applied.")


def test_a_paper_is_shown_in_place_and_nothing_else_is(client, scene):
    case = scene.opened()
    paper = file_row(case, "seller")
    type(paper).everywhere.filter(pk=paper.pk).update(
        case=case, kind="pdf", media_type="application/pdf"
    )
    photo = file_row(case, "buyer")
    type(photo).everywhere.filter(pk=photo.pk).update(case=case)
    keeping.storage().save(paper.key, Content(io.BytesIO(pdf())))
    client.force_login(scene.mia.user)

    shown = client.get(reverse("admin:cases_case_file", args=[case.pk, paper.pk, "inline"]))
    refused = client.get(reverse("admin:cases_case_file", args=[case.pk, photo.pk, "inline"]))

    assert (shown.status_code, refused.status_code) == (200, 404)
    assert shown["Content-Disposition"] == "inline"
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert shown["Content-Security-Policy"].startswith("default-src 'none';")


def test_sealed_bids_are_named_by_side_alone(client, scene):
    case = scene.in_review()
    step(case, "bid", world.actor(case, "buyer"), amount=7_654)

    answer = look(client, case, scene.mia)

    assert answer.context["bidders"] == ["buyer"]
    assert "7654" not in answer.content.decode()


# However long the story is


def fill(case, number):
    """Give a case a long story, its parties a long past and its words many rulings."""
    event = Event.objects.filter(case=case).latest("sequence")
    told = Event.objects.filter(pk=event.pk).values().get()
    told.pop("xact")
    now = database_clock()
    Event.objects.bulk_create(
        Event.fresh(**told | {"id": new_id(now), "sequence": 1_000 + at, "clock": None})
        for at in range(number)
    )
    Message.objects.bulk_create(
        Message.fresh(
            id=new_id(now),
            case_id=case.pk,
            event_id=uuid4(),
            role="mediator",
            party_id=None,
            person="1",
            audience="mediators",
            text="Again.",
            announced=False,
            written_at=now,
        )
        for _ in range(number)
    )
    past = Case.everywhere.filter(pk=case.pk).values().get()
    closed = {"state": "closed", "outcome": "withdrawn", "ended_at": now, "mediation_rounds": 0}
    others = [Case.fresh(**past | closed | {"id": new_id(now)}) for _ in range(number)]
    Case.everywhere.bulk_create(others)
    rulings = [
        Ruling.fresh(
            id=new_id(now),
            case_id=other.pk,
            round=1,
            instance=1,
            content='{"amounts": {}, "compensation": 0, "remedy": "none", "fault": {}, "rule": ""}',
            sha256="0" * 64,
            statement_id=uuid4(),
            ruled_by="1",
            ruled_at=now,
            amount=0,
            state="final",
        )
        for other in others
    ]
    Ruling.objects.bulk_create(rulings)
    RulingToken.objects.bulk_create(
        RulingToken.fresh(
            id=new_id(now), ruling_id=row.pk, marketplace_id=case.marketplace_id, token=token
        )
        for row in rulings
        for token in ("plug", "melted", "cup")
    )
    Statement.objects.create(
        id=new_id(now),
        case=case,
        event_id=event.pk,
        role="buyer",
        text="The plug melted.",
        written_at=now,
    )


def test_the_page_costs_the_same_statements_however_long_the_story_is(
    client, scene, django_assert_num_queries
):
    short, long = scene.in_review(), scene.in_review()
    fill(short, 10)
    fill(long, MANY)
    client.force_login(scene.mia.user)

    for case in (short, long):
        with django_assert_num_queries(HELD):
            answer = client.get(reverse("admin:cases_case_change", args=[case.pk]))
        assert answer.status_code == 200
    assert len(answer.context["alike"]) == 5
