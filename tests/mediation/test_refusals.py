"""What is refused, by the rules or by the database, leaves everything as it was."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, transaction

from cases.actions import STEPS
from cases.actors import Actor
from cases.models import Dispute, Order, OrderLine
from cases.refusals import Refused
from cases.roles import JUDGES, Role
from mediation import loading
from mediation.steps import Wish, take
from tests import world
from tests.mediation import watched
from tests.mediation.story import Story, in_mediation, market, ruled
from tests.mediation.test_every_step import (
    a_refusal_left_alone,
    a_refused_buyer,
    goods_in_their_place,
    nothing_in_stock,
)
from tests.sizes import size

pytestmark = pytest.mark.usefixtures("watch")

ALONG = {"open_dispute", "settle", "withdraw_dispute", "enforce"}  # taken with another step


def opened():
    return Story()


def negotiating():
    story = Story()
    story.seller("offer")
    return story


def returning():
    story = Story()
    story.seller("approve")
    story.buyer("ship_return")
    return story


def inspecting():
    story = returning()
    story.carrier("return_delivered")
    return story


def held():
    story = negotiating()
    story.service("chargeback_opened")
    return story


def used_up():
    story = Story(
        market=market(
            limits={"edits": 0, "applications": 1, "offers_per_side": 0, "mediation_rounds": 1,
                    "claims": 1, "evidence_rounds": 0, "proposals": 0, "rulings": 0}
        )
    )  # fmt: skip
    story.mediator("take_over")
    story.mediator("claim")
    return story


def waiting_for_approval():
    story = in_mediation(paid=200_001)
    story.mediator("rule")
    return story


def proposed():
    story = in_mediation()
    story.mediator("propose")
    return story


def ruled_by_nobody():
    story = in_mediation()
    story.lease = uuid4()
    return story


def gathering():
    story = in_mediation()
    story.mediator("ask_evidence", requests={"buyer": ["chat"]})
    return story


def appealed():
    story = ruled()
    story.buyer("appeal")
    return story


SITUATIONS = (
    opened, negotiating, returning, inspecting, held, used_up, in_mediation, waiting_for_approval,
    proposed, gathering, ruled, appealed, a_refusal_left_alone, a_refused_buyer, nothing_in_stock,
    goods_in_their_place,
)  # fmt: skip


def tables():
    """Copy every row of the record and of the process."""
    models = [*apps.get_app_config("cases").get_models()]
    models += apps.get_app_config("mediation").get_models()
    return {model.__name__: sorted(model._base_manager.values_list(), key=str) for model in models}


def ask(story, role, step, **inputs):
    """Ask what would happen; nothing does."""
    by = Actor(role=role, marketplace_id=story.order.marketplace_id, person=f"{role}-1")
    wish = Wish(
        case_id=story.id, step=step, by=by, inputs=story.usual(step) | inputs,
        lease=story.lease if role in JUDGES else None,
    )  # fmt: skip
    [answer] = take([wish], clock=lambda: story.now, dry_run=True)
    return answer


@pytest.mark.parametrize("tell", SITUATIONS)
def test_asking_what_would_happen_changes_nothing_and_no_refusal_does(tell):
    story = tell()
    before = tables()

    answers = [
        ask(story, role, name)
        for name in STEPS.keys() - ALONG - {"open"}
        for role in [by for by in STEPS[name].rule.by if by != Role.CLOCK][: size(1, 9)]
    ]

    assert tables() == before
    assert any(isinstance(answer, Refused) for answer in answers)


FIRST = "the first line"
REFUSALS = [
    ("NOT_NOW", opened, "buyer", "ship_return", {}),
    ("NOT_YOUR_STEP", opened, "buyer", "refuse", {}),
    ("DEADLINE_PASSED", a_refusal_left_alone, "buyer", "escalate", {}),
    ("LIMIT_REACHED", used_up, "mediator", "propose", {}),
    ("EVIDENCE_MISSING", inspecting, "seller", "reject_return", {"reason": "not_intact"}),
    ("NOT_ELIGIBLE", opened, "buyer", "amend", {"reason": "wrong_address"}),
    ("AMOUNT_TOO_HIGH", opened, "seller", "offer", {"amounts": {FIRST: 10_001}}),
    ("AMOUNT_TOO_HIGH", in_mediation, "buyer", "bid", {"amount": 10_001}),
    ("AMOUNT_TOO_HIGH", opened, "service", "record_outside_refund", {"amount": 10_001}),
    ("QUANTITY_TAKEN", opened, "buyer", "amend", {"items": [
        {"line": FIRST, "quantity": 2, "amount": None}]}),
    ("STALE_OFFER", negotiating, "buyer", "accept_offer", {"version": 9}),
    ("STALE_OFFER", negotiating, "buyer", "counter_offer", {"version": 9}),
    ("STALE_OFFER", negotiating, "buyer", "decline_offer", {"version": 9}),
    ("NOT_INDEPENDENT", waiting_for_approval, "mediator", "approve_ruling", {}),
    ("LEASE_LOST", ruled_by_nobody, "mediator", "rule", {}),
    ("BAD_TERMS", opened, "seller", "offer", {"amounts": {}}),
    ("BAD_TERMS", opened, "seller", "refuse", {"reason": "replacement_wrong"}),
    ("BAD_TERMS", in_mediation, "mediator", "rule", {"fault": {"seller": 1}}),
    ("BAD_TERMS", in_mediation, "mediator", "propose", {"amounts": {}}),
    ("BAD_TERMS", in_mediation, "mediator", "ask_evidence", {"requests": {}}),
    ("CONTENT_CHANGED", waiting_for_approval, "senior", "approve_ruling", {"sha256": "0"}),
    ("CONTENT_CHANGED", proposed, "buyer", "accept_proposal", {"proposal": uuid4()}),
    ("CONTENT_CHANGED", proposed, "buyer", "decline_proposal", {"proposal": uuid4()}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "tell", "role", "step", "inputs"), REFUSALS)
def test_a_refusal_of_each_kind_leaves_everything_as_it_was(code, tell, role, step, inputs):
    story = tell()
    watched.refused.clear()

    answer = ask(story, role, step, **real(inputs, story.line.id))

    assert answer.code == code
    assert watched.refused == {(step, code): 1}  # there it was compared


def real(value, line):
    """Put the id of the line where it is meant."""
    if isinstance(value, dict):
        return {real(key, line): real(inner, line) for key, inner in value.items()}
    if isinstance(value, list):
        return [real(inner, line) for inner in value]
    return line if value == FIRST else value


# What the database itself refuses


@contextmanager
def refused(message):
    with pytest.raises(DatabaseError, match=message), transaction.atomic():
        yield


def test_no_state_is_changed_behind_the_writers_back():
    story = Story()

    with refused("no step leads from awaiting_seller to closed"):
        world.Case.everywhere.filter(pk=story.id).update(state="closed")


def test_no_state_is_skipped_though_an_event_is_counted():
    story = Story()

    with refused("no step leads from closed to refunding"):
        move(story, "closed", "refunding")


def move(story, *states):
    for state in states:
        number = world.case(story.id).sequence + 1
        ended = {"outcome": "x", "ended_at": story.now} if state == "closed" else {}
        world.Case.everywhere.filter(pk=story.id).update(state=state, sequence=number, **ended)


def test_no_dispute_skips_a_state():
    story = in_mediation()

    Dispute.objects.filter(case=story.id).update(state="final")
    with refused("no step leads from final to ruled"):
        Dispute.objects.filter(case=story.id).update(state="ruled")


def test_an_order_is_given_back_at_most_what_was_paid():
    story = Story(freight=5)

    with refused("order_freight_within_paid"):
        Order.everywhere.filter(pk=story.order.id).update(freight_refunded=6)


# What another case was faster to take


def test_money_that_another_case_has_just_taken_is_a_conflict(monkeypatch):
    story = Story(remedy="refund_only")
    load = loading.load

    def late(*args, **kwargs):
        load(*args, **kwargs)
        OrderLine.objects.update(outside=1)  # after it was read

    monkeypatch.setattr(loading, "load", late)
    answer = story.asks("seller", "approve")

    assert answer.code == "MONEY_CONFLICT"
    assert story.state == "awaiting_seller"


def test_what_the_database_should_never_refuse_is_no_conflict(monkeypatch):
    story = Story()
    monkeypatch.setattr(loading, "load", twice(loading.load))

    with pytest.raises(IntegrityError, match="offer_one_open"):
        story.asks("seller", "offer")


def twice(load):
    def offering(cases, changes, **kwargs):
        load(cases, changes, **kwargs)
        [case] = cases
        case.facts.at = changes.at
        for number in (8, 9):
            case.facts.new(
                "Offer",
                case_id=case.id,
                version=number,
                side="buyer",
                remedy="refund_only",
                items={},
                freight_payer="buyer",
                made_at=changes.at,
                expires_at=changes.at,
                state="open",
            )

    return offering
