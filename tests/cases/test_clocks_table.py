import pytest

from cases.clocks import CLOCKS, running, standing_still

# State by state, as the two tables of the design say it: what runs, what stands still.
CASE = {
    "awaiting_seller": (["seller_response"], []),
    "negotiating": (["offer_reply"], ["seller_response"]),
    "refused": (["reapply_window"], []),
    "awaiting_return": (["ship_back"], []),
    "return_in_transit": (["return_transit"], []),
    "inspecting": (["inspection"], []),
    "awaiting_replacement": (["dispatch"], []),
    "replacement_in_transit": (["replacement_receipt"], []),
    "in_mediation": (  # for `hand_back`: the time left of the state that mediation began from
        [],
        [
            "seller_response",
            "reapply_window",
            "ship_back",
            "return_transit",
            "inspection",
            "dispatch",
            "replacement_receipt",
        ],
    ),
    "refunding": (["refund_settlement"], []),
    "completed": (["aftercare"], []),
    "closed": ([], []),
}
DISPUTE = {
    "queued": (["docket_wait", "ruling"], []),
    "in_review": (["ruling"], []),
    "gathering": (["evidence"], ["ruling"]),
    "proposed": (["proposal"], ["ruling"]),
    "awaiting_approval": (["approval"], ["ruling"]),
    "ruled": (["appeal"], []),
    "appealed": (["docket_wait", "ruling"], []),
    "final": ([], []),
    "settled": ([], []),
    "withdrawn": ([], []),
}


@pytest.mark.parametrize(("of", "states"), [("case", CASE), ("dispute", DISPUTE)])
def test_every_state_has_the_clocks_of_its_row(of, states):
    table = {s: (list(running(of, s)), list(standing_still(of, s))) for s in states}

    assert table == states


def test_no_clock_is_tied_to_a_state_that_does_not_exist():
    named = {
        (rule.of, state) for rule in CLOCKS.values() for state in (*rule.during, *rule.stands_still)
    }

    known = {("case", state) for state in CASE} | {("dispute", state) for state in DISPUTE}
    assert named - known == set()


def test_a_clock_never_runs_and_stands_still_in_the_same_state():
    assert [r.name for r in CLOCKS.values() if set(r.during) & set(r.stands_still)] == []


def test_both_sides_have_their_own_clock_where_both_are_waited_on():
    per_side = [rule.name for rule in CLOCKS.values() if rule.per_side]

    assert per_side == ["evidence", "proposal", "appeal"]
    assert per_side == [rule.name for rule in CLOCKS.values() if rule.waits_on == "each"]


def test_silence_has_the_default_consequence_of_the_product():
    assert {name: rule.then[0] for name, rule in CLOCKS.items()} == {
        "seller_response": "escalate",
        "offer_reply": "lapse_offer",
        "reapply_window": "close",
        "ship_back": "close",
        "return_transit": "escalate",
        "inspection": "accept_return",
        "dispatch": "escalate",
        "replacement_receipt": "confirm_replacement",
        "refund_settlement": "alarm",
        "aftercare": "end_aftercare",
        "docket_wait": "to_supervisor",
        "ruling": "to_supervisor",
        "evidence": "seal",
        "proposal": "lapse_proposal",
        "approval": "to_supervisor",
        "appeal": "finalize",
    }
