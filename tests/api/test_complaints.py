"""Complaints and restrictions over HTTP: who may what, what is shown to whom, bad input."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F

from cases.complaint_actions import STEPS
from cases.models import Case, Complaint, File, Penalty
from mediation.steps import database_clock
from tests import complaint_world, world
from tests.api import callers
from tests.api.callers import NOW, Caller, buyer, order, seller, service
from tests.complaint_world import MIA, SUE
from tests.files.sending import brought

pytestmark = pytest.mark.django_db

WORDS = {"statement": "Four refunds in a week."}


@pytest.fixture
def bought():
    return order()


@pytest.fixture
def case(bought):
    return callers.opened(bought)


def filed(bought, case, **more):
    """Let the seller complain of the buyer; give it as the seller sees it."""
    body = {"case": case["id"], "ground": "malicious_refund", **WORDS, **more}
    answer = seller(bought).post("complaints", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def step(caller, complaint, name, *, version=None, key=None, **body):
    version = complaint["version"] if version is None else version
    return caller.post(
        f"complaints/{complaint['id']}/steps/{name}", body, if_match=version, key=key
    )


def decided(bought, case, *restrictions, verdict="uphold", **more):
    """Let a mediator decide on a complaint of the seller's that the buyer has answered."""
    complaint = filed(bought, case, **more)
    step(buyer(bought), complaint, "answer", statement="I did not.")
    found = Complaint.everywhere.get(pk=complaint["id"])
    at = database_clock()
    complaint_world.claimed(found, when=at)
    inputs = {"restrictions": restrictions} if verdict == "uphold" else {}
    complaint_world.does(found, verdict, MIA, when=at, statement="So it is.", **inputs)
    return complaint


def test_a_seller_complains_of_a_buyer_who_is_told_what_it_may_do(bought, case):
    told = filed(bought, case, evidence=[{"slot": "chat", "sha256": "a" * 64}])
    seen = buyer(bought).get(f"complaints/{told['id']}").json()

    assert (told["state"], told["my_side"], told["version"]) == ("open", "reporter", 1)
    assert (told["about"], told["case"]) == (
        {"role": "buyer", "ref": bought.buyer.ref},
        case["id"],
    )
    assert [action["name"] for action in told["actions"]] == ["withdraw"]
    [action] = seen["actions"]
    assert (action["name"], action["mandatory"], action["on_expiry"]) == (
        "answer",
        True,
        "close_hearing",
    )
    assert action["due_at"] == seen["clock"]["due_at"]
    [said] = seen["statements"]
    assert (said["side"], said["text"], said["evidence"]) == (
        "reporter",
        WORDS["statement"],
        [{"slot": "chat", "sha256": "a" * 64, "file": None}],
    )


def test_what_the_same_side_handed_in_for_the_case_is_shown_with_its_file(bought):
    photo = brought(buyer(bought))
    case = callers.opened(bought, evidence=[{"slot": "photo_goods", "file": photo}])
    sha256 = File.everywhere.get(pk=photo).sha256
    shown = [{"slot": "photo_goods", "sha256": sha256}]
    body = {"case": case["id"], "ground": "abuse", **WORDS, "evidence": shown}

    told = [caller.post("complaints", body).json() for caller in (buyer(bought), seller(bought))]

    seen = [seller(bought).get(f"complaints/{each['id']}").json()["statements"] for each in told]
    [of_buyer], [of_seller] = (said[0]["evidence"] for said in seen)
    assert (of_buyer["file"]["id"], of_seller["file"]) == (photo, None)
    assert buyer(bought).client.get(of_buyer["file"]["links"]["content"]).status_code == 200


@pytest.mark.requirement("D13")
def test_a_buyer_complains_by_the_order_of_a_case_that_there_never_was(bought):
    body = {"order": bought.ref, "ground": "slow_dispatch", **WORDS}

    answer = buyer(bought).post("complaints", body)

    assert (answer.status_code, answer.json()["case"]) == (201, None)
    assert answer.json()["about"] == {"role": "seller", "ref": bought.seller.ref}
    assert answer["Location"] == f"/api/v1/complaints/{answer.json()['id']}"


def test_the_marketplace_complains_of_a_party(bought, case):
    about = {"role": "seller", "ref": bought.seller.ref}
    body = {"party": about, "ground": "broken_promise", "case": case["id"], **WORDS}

    told = service(bought).post("complaints", body).json()

    assert (told["about"], told["reporter"], told["my_side"]) == (about, None, "reporter")
    withdrawn = step(service(bought), told, "withdraw").json()
    assert withdrawn["state"] == "withdrawn"


def test_the_same_key_files_once(bought, case):
    body = {"case": case["id"], "ground": "abuse", **WORDS}

    first = seller(bought).post("complaints", body, key="k1")
    again = seller(bought).post("complaints", body, key="k1")
    other = seller(bought).post("complaints", {**body, "statement": "Else."}, key="k1")

    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "KEY_REUSED")
    assert Complaint.everywhere.count() == 1


def dry(caller, path, **body):
    """Ask what a command would do; neither key nor version is needed for that."""
    return caller.client.post(f"/api/v1/{path}?dry_run=true", body)


def test_a_dry_run_says_what_each_command_would_do_and_does_nothing(bought, case):
    body = {"case": case["id"], "ground": "malicious_refund", **WORDS}
    would = dry(seller(bought), "complaints", **body)
    assert (would.status_code, would.json()["state"], would.json()["dry_run"]) == (
        200,
        "open",
        True,
    )
    assert Complaint.everywhere.count() == 0

    complaint = decided(bought, case, "notice")
    twice = dry(seller(bought), "complaints", **body)
    refused = dry(seller(bought), f"complaints/{complaint['id']}/steps/withdraw")
    [row] = buyer(bought).get("restrictions").json()["results"]
    appeals = [
        dry(buyer(bought), path, **WORDS)
        for path in (
            f"complaints/{complaint['id']}/steps/appeal",
            row["appeal"].removeprefix("/api/v1/"),
        )
    ]

    assert (twice.status_code, twice.json()["code"]) == (409, "NOT_NOW")
    assert (refused.json()["code"], refused.json()["actions"]) == ("NOT_NOW", [])
    assert [(a.status_code, a.json()["state"]) for a in appeals] == [(200, "appealed")] * 2
    assert Complaint.everywhere.get().state == "upheld"


def test_the_version_is_asked_for_and_a_stale_one_tells_how_it_stands(bought, case):
    told = filed(bought, case)
    bea = buyer(bought)

    missing = bea.post(f"complaints/{told['id']}/steps/answer", {"statement": "No."})
    stale = step(bea, told, "answer", version=9, statement="No.")

    assert missing.status_code == 428
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (
        412,
        "STALE_VERSION",
        1,
    )
    assert [action["name"] for action in stale.json()["actions"]] == ["answer"]


@pytest.mark.requirement("M08")
def test_a_restriction_is_shown_to_its_party_with_the_reason_and_where_to_appeal(bought, case):
    complaint = decided(bought, case, "evidence_first")

    [row] = buyer(bought).get("restrictions").json()["results"]

    assert (row["kind"], row["cause"], row["explanation"]) == (
        "evidence_first",
        "malicious_refund",
        "Refund in bad faith",
    )
    assert (row["in_force"], row["complaint"]) == (True, complaint["id"])
    assert row["appeal"] == f"/api/v1/restrictions/{row['id']}/appeal"
    assert seller(bought).get("restrictions").json()["results"] == []
    assert service(bought).get("restrictions").json()["results"][0]["appeal"] is None
    assert seller(bought).get(f"complaints/{complaint['id']}").json()["penalties"] == []
    [own] = buyer(bought).get(f"complaints/{complaint['id']}").json()["penalties"]
    assert own["id"] == row["id"]


def test_an_appeal_against_a_restriction_goes_to_a_senior_mediator_who_lifts_it(bought, case):
    complaint = decided(bought, case, "manual_review")
    bea = buyer(bought)
    [row] = bea.get("restrictions").json()["results"]

    answer = bea.post(row["appeal"].removeprefix("/api/v1/"), WORDS)
    again = bea.post(row["appeal"].removeprefix("/api/v1/"), WORDS)

    assert (answer.status_code, answer.json()["state"]) == (200, "appealed")
    assert (again.status_code, again.json()["code"]) == (409, "NOT_NOW")
    found, at = Complaint.everywhere.get(pk=complaint["id"]), database_clock()
    found = complaint_world.claimed(found, SUE, when=at)
    complaint_world.does(found, "reverse", SUE, when=at, statement="No.")
    [row] = bea.get("restrictions").json()["results"]
    assert (row["in_force"], row["appeal"], row["lifted_at"] is not None) == (False, None, True)


@pytest.mark.requirement("M12")
def test_points_that_came_from_the_record_alone_are_objected_to(bought, case):
    row, other = (
        Penalty.objects.create(
            id=uuid4(),
            marketplace=bought.marketplace,
            party=bought.seller,
            kind="points",
            points=2,
            cause="late_dispatch",
            source_id=uuid4(),
            begins_at=NOW - timedelta(days=1),
            ends_at=NOW + timedelta(days=100),
        )
        for _ in range(2)
    )
    path = f"restrictions/{row.pk}/appeal"

    answer = seller(bought).post(path, WORDS)
    again = seller(bought).post(path, WORDS)
    of_other = seller(bought).post(f"restrictions/{other.pk}/appeal", WORDS)

    assert (answer.status_code, answer.json()["state"], answer.json()["ground"]) == (
        200,
        "appealed",
        "objection",
    )
    assert (again.json()["code"], of_other.status_code) == ("NOT_NOW", 200)
    found, at = Complaint.everywhere.get(penalties=row), database_clock()
    found = complaint_world.claimed(found, SUE, when=at)
    complaint_world.does(found, "reverse", SUE, when=at, statement="The carrier was late.")
    row.refresh_from_db()
    assert row.lifted_by == "senior"
    assert buyer(bought).post(path, WORDS).status_code == 404


@pytest.mark.requirement("R09")
def test_whoever_must_show_evidence_first_may_not_apply_without_it(bought, case):
    decided(bought, case, "evidence_first")
    more = order(bought.marketplace, buyer=bought.buyer, seller=bought.seller)
    photo = [{"slot": "photo_goods", "sha256": "b" * 64}]

    bare = buyer(more).open(more)
    shown = buyer(more).open(more, evidence=photo)
    by_seller = seller(more).open(order(more.marketplace, buyer=more.buyer, seller=more.seller))

    told = {key: bare.json()[key] for key in ("status", "code", "restriction", "restrictions")}
    assert told == {
        "status": 422,
        "code": "EVIDENCE_MISSING",
        "restriction": "evidence_first",
        "restrictions": "/api/v1/restrictions",
    }
    assert (shown.status_code, by_seller.status_code) == (201, 201)


def test_what_has_ended_or_was_lifted_restricts_nobody(bought, case):
    decided(bought, case, "evidence_first")
    Penalty.objects.update(begins_at=F("begins_at") - timedelta(days=100), ends_at=NOW)
    more = order(bought.marketplace, buyer=bought.buyer)

    assert buyer(more).open(more).status_code == 201


def test_silence_approves_nothing_for_whoever_lost_that(bought, case):
    decided(bought, case, "manual_review")
    more = order(bought.marketplace, buyer=bought.buyer)
    found = Case.everywhere.get(pk=callers.opened(more)["id"])

    assert found.restrictions == ["manual_review"]
    assert [Case.everywhere.get(pk=case["id"]).restrictions] == [[]]


def test_strangers_see_and_do_nothing(bought, case):
    told = filed(bought, case)
    other = Caller(bought.marketplace, "buyer", world.party(bought.marketplace, "buyer").ref)
    souk = world.marketplace("souk")
    people = [other, Caller(souk, "service")]

    for person in people:
        assert person.get(f"complaints/{told['id']}").status_code == 404
        assert person.get("complaints").json()["results"] == []
        assert step(person, told, "answer", statement="Me!").status_code == 404
    body = {"case": case["id"], "ground": "broken_promise", **WORDS}
    assert other.post("complaints", body).status_code == 404


def test_the_list_is_cut_down_by_side_and_state(bought, case):
    told = filed(bought, case)
    bea, sam = buyer(bought), seller(bought)

    def found(caller, **query):
        answer = caller.get("complaints", **query)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    assert found(bea, side="accused") == found(sam, side="reporter") == [told["id"]]
    assert found(bea, side="reporter") == found(sam, side="accused") == []
    assert found(sam, state="open") == found(service(bought)) == [told["id"]]
    assert found(sam, state="final") == []
    assert sam.get("complaints", side="judge").status_code == 400


@pytest.mark.parametrize("n", [1, 3])
def test_lists_cost_the_same_statements_for_any_number(n, bought, django_assert_num_queries):
    market, sam = bought.marketplace, bought.seller
    for _ in range(n):
        one = order(market, seller=sam)
        decided(one, callers.opened(one), "notice")

    with django_assert_num_queries(2):  # caller, complaints
        assert len(seller(bought).get("complaints").json()["results"]) == n
    with django_assert_num_queries(4):  # caller, marketplace, penalties
        assert len(service(bought).get("restrictions").json()["results"]) == n


GOOD = {"ground": "abuse", **WORDS}
BAD = [
    ({**GOOD}, "/case", "required"),
    ({**GOOD, "case": "CASE", "order": "ORDER"}, "/case", "required"),
    ({**GOOD, "case": "x"}, "/case", "invalid"),
    ({**GOOD, "case": "CASE", "party": {"role": "buyer", "ref": "b"}}, "/party", "not_yours"),
    ({**GOOD, "case": "CASE", "ground": "signal"}, "/ground", "invalid_choice"),
    ({**GOOD, "case": "CASE", "ground": "counterfeit"}, "/ground", "not_of_this_side"),
    ({**GOOD, "case": "CASE", "ground": None}, "/ground", "null"),
    ({**GOOD, "case": "CASE", "statement": " "}, "/statement", "blank"),
    ({**GOOD, "case": "CASE", "statement": "a\x00b"}, "/statement", "characters"),
    ({**GOOD, "case": "CASE", "statement": "x" * 4001}, "/statement", "max_length"),
    ({**GOOD, "case": "CASE", "more": 1}, "/more", "unknown"),
    ({**GOOD, "case": "CASE", "evidence": [{"slot": "video"}]}, "/evidence/0/sha256", "required"),
    (
        {**GOOD, "case": "CASE", "evidence": [{"slot": "hat", "sha256": "a" * 64}]},
        "/evidence/0/slot",
        "invalid_choice",
    ),
]


@pytest.mark.parametrize(("body", "pointer", "code"), BAD)
def test_bad_input_is_told_by_its_place_and_files_nothing(body, pointer, code, bought, case):
    known = {"CASE": case["id"], "ORDER": bought.ref}
    sent = {k: known.get(v, v) if isinstance(v, str) else v for k, v in body.items()}

    answer = seller(bought).post("complaints", sent)

    assert answer.status_code == 400
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [(pointer, code)]
    assert Complaint.everywhere.count() == 0


def test_a_step_of_our_own_people_is_nobodys_over_http(bought, case):
    told = filed(bought, case)

    answer = service(bought).post(f"complaints/{told['id']}/steps/uphold", WORDS, if_match=1)

    assert answer.status_code == 404
    assert set(STEPS) > {"uphold"}


@pytest.mark.requirement("R15")
def test_a_seller_and_the_marketplace_see_its_scorecard(bought, case):
    Penalty.objects.create(
        id=uuid4(),
        marketplace=bought.marketplace,
        party=bought.seller,
        kind="points",
        points=3,
        cause="at_fault",
        source_id=uuid4(),
        begins_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=100),
    )
    path = f"sellers/{bought.seller.ref}/scorecard"

    told = seller(bought).get(path).json()

    own = {key: told[key] for key in ("since", "until")}
    assert told == service(bought).get(path).json() | own
    assert {key: told[key] for key in ("orders", "cases", "refund_rate", "points")} == {
        "orders": 1,
        "cases": 1,
        "refund_rate": 100,
        "points": 3,
    }
    assert (told["not_answered"], told["counts_against"], told["restrictions"]) == (0, 0, [])
    assert seller(bought).case(case["id"])["counts_against"] == "pending"
    assert told["marks"]["score"] is None
    assert buyer(bought).get(path).status_code == 403
