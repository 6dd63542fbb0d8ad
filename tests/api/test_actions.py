"""What the API lists is what it takes, in every state, for everybody: each listed action is
accepted with valid input, each other one is refused with the code that was told.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from cases import inputs
from cases.actions import STEPS
from cases.clocks import CLOCKS
from cases.models import Proposal, Refund
from cases.roles import STAFF, Role
from tests.api.callers import Caller, yuan
from tests.mediation.story import Story, in_mediation, market, ruled, slots_for

pytestmark = pytest.mark.django_db

OUTSIDE = {Role.BUYER, Role.SELLER, Role.SERVICE, Role.CARRIER, Role.GATEWAY}


def test_every_step_that_is_taken_outside_has_its_input_and_no_other():
    outside = {name for name, step in STEPS.items() if OUTSIDE & set(step.rule.by)}

    assert set(inputs.FOR) == outside


def test_every_clock_of_a_party_names_the_steps_that_answer_it():
    of_parties = {"seller", "buyer", "answerer", "each"}
    for rule in CLOCKS.values():
        assert bool(rule.answered_by) == (rule.waits_on in of_parties), rule.name
        for name in rule.answered_by:
            assert not set(STEPS[name].rule.by) & set(STAFF)
            assert STEPS[name].sources & set(rule.during)


# A case in every place


def refused():
    story = Story()
    story.seller("refuse")
    return story


def negotiating():
    story = Story()
    story.seller("offer")
    return story


def awaiting_return():
    story = Story()
    story.seller("approve")
    return story


def on_its_way():
    story = awaiting_return()
    story.buyer("ship_return")
    return story


def inspecting():
    story = on_its_way()
    story.carrier("return_delivered")
    return story


def owed():
    story = Story(reason="missing_items", remedy="reship")
    story.seller("approve")
    return story


def replaced():
    story = owed()
    story.seller("dispatch_replacement")
    return story


def refunding():
    story = inspecting()
    story.seller("accept_return")
    return story


def completed():
    story = refunding()
    story.gateway("refund_settled")
    return story


def withdrawn():
    story = Story()
    story.buyer("withdraw")
    return story


def lapsed():
    story = refused()
    story.pass_days(8)
    return story


def held():
    story = inspecting()
    story.service("chargeback_opened")
    return story


def queued():
    story = Story()
    story.pass_days(3)
    return story


def gathering():
    story = in_mediation()
    story.mediator("ask_evidence")
    return story


def half_gathered():
    story = gathering()
    story.buyer("hand_in")
    return story


def proposed():
    story = in_mediation()
    story.mediator("propose")
    return story


def awaiting_approval():
    story = in_mediation(paid=10_000_000)
    story.mediator("rule")
    return story


def offered_in_mediation():
    story = in_mediation()
    story.buyer("offer")
    return story


def bid():
    story = in_mediation()
    story.buyer("bid")
    return story


def appealed():
    story = ruled()
    story.seller("appeal")
    return story


def asked_for_time():
    story = Story()
    story.seller("ask_extension")
    return story


def with_time_to_take():
    given = {"extension": {"times": 1, "length": "1d"}}
    return Story(market=market("patient", clocks__seller_response=given))


def about_two_pieces():
    return Story(quantity=2)


PLACES = (
    Story,
    about_two_pieces,
    asked_for_time,
    with_time_to_take,
    refused,
    negotiating,
    awaiting_return,
    on_its_way,
    inspecting,
    owed,
    replaced,
    refunding,
    completed,
    withdrawn,
    lapsed,
    held,
    queued,
    in_mediation,
    gathering,
    half_gathered,
    proposed,
    awaiting_approval,
    offered_in_mediation,
    bid,
    ruled,
    appealed,
)


def valid(step, case):
    """Fill in a step for a case as the API shows it."""
    line = case["items"][0]["line"]
    words = {"statement": "As I said."}
    amount = {"items": [{"line": line, "amount": yuan("10.00")}]}
    offer = case["offer"] or {"id": str(uuid4()), "version": 1}
    quoted = {"offer": offer["id"], "version": offer["version"]}
    slots = slots_for(case["reason"])
    pays = case["remedy"] == "compensation"
    application = {
        "reason": case["reason"],
        "remedy": case["remedy"],
        "items": [{"line": line, "quantity": case["items"][0]["quantity"]}],
        **words,
        "evidence": slots,
        **({"compensation": yuan("10.00")} if pays else {}),
    }
    terms = {"remedy": "refund_only", **amount}
    shipped = {"carrier": "sf", "tracking_no": "SF12345"}
    no = {"reason": "facts_differ", **words}
    refund = Refund.objects.filter(case=case["id"], state="pending").first()
    proposal = Proposal.objects.filter(case=case["id"], state="open").first()
    paid = {"refund": str(refund.id if refund else uuid4())}
    answer = {"proposal": str(proposal.id if proposal else uuid4())}
    table = {
        "amend": application,
        "split": application | {"items": [{"line": line, "quantity": 1}]},
        "reapply": application,
        "refuse": no,
        "offer": terms,
        "counter_offer": terms | quoted,
        "decline_offer": quoted,
        "accept_offer": quoted,
        "ship_return": shipped,
        "correct_tracking": shipped,
        "dispatch_replacement": shipped,
        "reject_return": no,
        "reject_replacement": {"reason": "replacement_not_received", **words},
        "hand_in": words,
        "accept_proposal": answer,
        "decline_proposal": answer,
        "bid": {"amount": yuan("10.00")},
        "appeal": words,
        "reopen": words,
        "refund_settled": paid,
        "refund_failed": paid | {"code": "card_closed"},
        "record_outside_refund": {"line": line, "amount": yuan("1.00")},
        "chargeback_closed": {"lost": False},
        "rate": {"score": 4},
        "ask_extension": {"hours": 24},
    }
    return table.get(step, {})


def callers_of(story):
    bought = story.order
    yield Caller(bought.marketplace, "buyer", bought.buyer.ref)
    yield Caller(bought.marketplace, "seller", bought.seller.ref)
    yield Caller(bought.marketplace, "service")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__.lower())
def test_what_is_listed_is_taken_and_the_rest_refused_as_told(place, stand_at, nothing_changes):
    story = place()
    stand_at(story.now + timedelta(minutes=1))
    nothing_changes()
    for caller in callers_of(story):
        case = caller.case(story.id)
        for action in case["actions"]:
            answer = caller.step(case, action["name"], dry_run=True, **valid(action["name"], case))
            assert answer.status_code == 200, (action["name"], answer.content)
            assert answer.json()["dry_run"] is True
        for action in case["unavailable_actions"]:
            answer = caller.step(case, action["name"], dry_run=True, **valid(action["name"], case))
            assert answer.json()["code"] == action["code"], (action, answer.content)


def test_the_steps_of_a_role_are_all_told_one_way_or_the_other():
    story = Story()
    for caller, roles in zip(
        callers_of(story),
        ({Role.BUYER}, {Role.SELLER}, {Role.SERVICE, Role.CARRIER, Role.GATEWAY}),
        strict=True,
    ):
        case = caller.client.get(f"/api/v1/cases/{story.id}").json()
        told = [a["name"] for a in [*case["actions"], *case["unavailable_actions"]]]
        mine = {name for name, step in STEPS.items() if roles & set(step.rule.by)} - {"open"}
        assert sorted(told) == sorted(mine)


def test_a_duty_tells_its_deadline_and_what_follows(stand_at):
    story = Story()
    stand_at(story.now)
    _, sam, _ = callers_of(story)

    actions = {action["name"]: action for action in sam.case(story.id)["actions"]}

    assert {name: (a["mandatory"], a["on_expiry"]) for name, a in actions.items()} == {
        **dict.fromkeys(("approve", "refuse", "offer"), (True, "escalate")),
        "ask_extension": (False, None),
    }
    assert actions["refuse"]["due_at"] == "2026-03-04T08:00:00Z"
    assert actions["offer"]["limits"]["items"] == [{"line": "0", "most": yuan("100.00")}]


def test_a_right_is_no_duty(stand_at):
    story = refused()
    stand_at(story.now)
    bea, *_ = callers_of(story)

    actions = {action["name"]: action for action in bea.case(story.id)["actions"]}

    assert {name: (a["mandatory"], a["on_expiry"]) for name, a in actions.items()} == {
        "reapply": (False, "close"),
        "withdraw": (False, None),
        "escalate": (False, "close"),
    }


def test_an_escalation_that_must_wait_says_until_when(stand_at):
    story = Story()
    stand_at(story.now)
    bea, *_ = callers_of(story)

    [escalate] = [a for a in bea.case(story.id)["unavailable_actions"] if a["name"] == "escalate"]

    assert (escalate["code"], escalate["available_at"]) == ("NOT_NOW", "2026-03-04T08:00:00Z")


def test_counts_go_down(stand_at):
    story = Story(market=market("once", limits={"edits": 2}))
    story.buyer("amend")
    stand_at(story.now)
    bea, *_ = callers_of(story)

    [amend] = [a for a in bea.case(story.id)["actions"] if a["name"] == "amend"]

    assert amend["limits"]["edits_left"] == 1
