"""Every act at the desk: who may, who may not, and that a refused one changes nothing."""

from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Docket, Statement
from cases.money import show
from mediation import docket
from mediation.desk.forms import FORMS
from tests.desk.situations import Scene, all_of, read
from tests.desk.staff import hire

pytestmark = pytest.mark.django_db

JUDGES = ("mediator", "senior")
RULED = {
    "remedy": "refund_only",
    "payer": "seller",
    "freight_payer": "seller",
    "fault_buyer": 0,
    "fault_seller": 100,
    "fault_platform": 0,
    "fault_carrier": 0,
    "rule": "Article 4",
    "statement": "So it is.",
}
TERMS = {key: RULED[key] for key in ("remedy", "payer", "freight_payer", "statement")}


@dataclass(frozen=True)
class Try:
    """An act in a situation where it is possible."""

    situation: str
    by: str  # who takes it here
    roles: tuple  # who may at all
    becomes: tuple  # state of the case and of its dispute
    data: dict = field(default_factory=dict)
    leased: bool = False


TRIES = {
    "claim": Try("queued", "mediator", JUDGES, ("in_mediation", "in_review")),
    "assign": Try("queued", "supervisor", ("supervisor",), ("in_mediation", "in_review")),
    "triage": Try(
        "queued",
        "supervisor",
        ("supervisor",),
        ("in_mediation", "queued"),
        {"hours": 12, "skill": "counterfeit", "language": "en", "statement": "It is a fake."},
    ),
    "release": Try(
        "in_review",
        "mediator",
        (*JUDGES, "supervisor"),
        ("in_mediation", "queued"),
        leased=True,
    ),
    "ask_evidence": Try(
        "in_review",
        "mediator",
        JUDGES,
        ("in_mediation", "gathering"),
        {"buyer": ["video", "chat"], "statement": "Show it."},
        leased=True,
    ),
    "propose": Try(
        "in_review", "mediator", JUDGES, ("in_mediation", "proposed"), TERMS, leased=True
    ),
    "rule": Try("in_review", "mediator", JUDGES, ("in_mediation", "ruled"), RULED, leased=True),
    "hand_back": Try(
        "back_and_forth",
        "mediator",
        JUDGES,
        ("refused", "withdrawn"),
        {"statement": "Talk."},
        leased=True,
    ),
    "approve_ruling": Try("awaiting_approval", "second", JUDGES, ("in_mediation", "ruled")),
    "send_back": Try(
        "awaiting_approval",
        "second",
        JUDGES,
        ("in_mediation", "in_review"),
        {"statement": "Why so much?"},
    ),
    "take_over": Try(
        "waiting_for_the_seller",
        "mediator",
        JUDGES,
        ("in_mediation", "queued"),
        {"reason": "counterfeit", "statement": "It is fake."},
    ),
    "grant_extension": Try(
        "asked_for_time",
        "mediator",
        (*JUDGES, "supervisor"),
        ("awaiting_seller", None),
    ),
    "give_extension": Try(
        "waiting_for_the_seller",
        "mediator",
        (*JUDGES, "supervisor"),
        ("awaiting_seller", None),
        {"side": "seller", "hours": 24, "statement": "The warehouse was flooded."},
    ),
    "reinstate": Try(
        "closed",
        "supervisor",
        ("supervisor",),
        ("in_mediation", "queued"),
        {"statement": "By mistake."},
    ),
    "settle_by_hand": Try(
        "refunding", "supervisor", ("supervisor",), ("refunding", None), {"statement": "In cash."}
    ),
}
ACTS = sorted(TRIES)


@pytest.fixture
def scene():
    return Scene()


def sent(scene, act, case):
    """What the page's form would send."""
    found = Docket.objects.filter(case=case).first()
    data = {
        "version": case.version,
        "lease": found.lease if found and found.lease and TRIES[act].leased else "",
        **TRIES[act].data,
    }
    if act == "assign":
        data["mediator"] = scene.mia.pk
    if act == "approve_ruling":
        data["sha256"] = case.rulings.get().sha256
    if act in {"propose", "rule"}:
        item = case.attempts.get().items.get()
        data[f"amount_{item.line_id}"] = show(item.amount, case.currency)
    return data


def post(act, case, data, who=None, client=None):
    client = client or Client()
    if who is not None:
        client.force_login(who.user)
    return client.post(reverse("admin:cases_case_act", args=[case.pk, act]), data)


def make(scene, act):
    return getattr(scene, TRIES[act].situation)()


def test_every_form_is_tried_here():
    assert set(TRIES) == set(FORMS)


@pytest.mark.parametrize("act", ACTS)
def test_who_may_takes_the_act_through_the_writer(act, scene):
    case = make(scene, act)

    answer = post(act, case, sent(scene, act, case), scene.staff[TRIES[act].by])

    assert answer.status_code == 302
    now = read(case)
    dispute = now.dispute.state if Docket.objects.filter(case=case).exists() else None
    assert (now.state, dispute) == TRIES[act].becomes
    last = now.events.latest("sequence")
    assert (last.name, last.role) == (act, scene.staff[TRIES[act].by].role)


@pytest.mark.parametrize("act", [act for act in ACTS if TRIES[act].leased])
@pytest.mark.parametrize("token", ["", "another"])
def test_another_lease_changes_nothing(act, token, scene):
    case = make(scene, act)
    data = sent(scene, act, case) | {"lease": str(uuid4()) if token else ""}
    before = all_of(case)

    answer = post(act, case, data, scene.mia)

    assert answer.status_code == 409
    assert messages(answer) == [
        "Only who holds the lease gives it back, or a supervisor."
        if act == "release"
        else "Your lease of this dispute has ended or belongs to somebody else."
    ]
    assert all_of(case) == before


@pytest.mark.parametrize("act", ACTS)
def test_a_get_a_forgery_and_no_log_in_change_nothing(act, scene):
    case, who = make(scene, act), scene.staff[TRIES[act].by]
    data, before = sent(scene, act, case), all_of(case)
    client = Client()
    client.force_login(who.user)

    assert client.get(reverse("admin:cases_case_act", args=[case.pk, act])).status_code == 405
    assert client.get(reverse("admin:cases_case_change", args=[case.pk])).status_code == 200
    assert post(act, case, data, who, Client(enforce_csrf_checks=True)).status_code == 403
    stranger = post(act, case, data)
    assert (stranger.status_code, stranger.url.split("?")[0]) == (302, "/admin/login/")
    assert all_of(case) == before


def test_nobody_approves_the_own_ruling(scene):
    case = scene.awaiting_approval()
    data, before = sent(scene, "approve_ruling", case), all_of(case)

    answer = post("approve_ruling", case, data, scene.mia)

    assert answer.status_code == 409
    assert messages(answer) == ["Somebody else than the one who ruled must look at it."]
    assert all_of(case) == before


def test_another_ruling_than_the_one_shown_is_not_approved(scene):
    case = scene.awaiting_approval()
    data, before = sent(scene, "approve_ruling", case) | {"sha256": "0" * 64}, all_of(case)

    answer = post("approve_ruling", case, data, scene.staff["second"])

    assert answer.status_code == 409
    assert all_of(case) == before


def test_one_supervisor_does_not_settle_by_hand_alone(scene):
    case = scene.refunding()
    post("settle_by_hand", case, sent(scene, "settle_by_hand", case), scene.staff["supervisor"])
    case = read(case)
    before = all_of(case)

    again = post(
        "settle_by_hand", case, sent(scene, "settle_by_hand", case), scene.staff["supervisor"]
    )

    assert again.status_code == 409
    assert all_of(case) == before
    post("settle_by_hand", case, sent(scene, "settle_by_hand", case), hire("sia", "supervisor"))
    assert read(case).state == "completed"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1,000.00", "Write the amount with plain digits, such as 19.90."),
        ("12.5", "Write the amount with plain digits, such as 19.90."),
        ("\uff112.50", "Write the amount with plain digits, such as 19.90."),
        ("1e2", "Write the amount with plain digits, such as 19.90."),
        ("-1.00", "Write the amount with plain digits, such as 19.90."),
        ("NaN", "Write the amount with plain digits, such as 19.90."),
    ],
)
def test_an_amount_that_is_none_is_told_at_its_field(typed, told, scene):
    case = scene.in_review()
    data = sent(scene, "rule", case)
    name = next(key for key in data if key.startswith("amount_"))
    before = all_of(case)

    answer = post("rule", case, data | {name: typed}, scene.mia)

    assert answer.status_code == 422
    assert answer.context["acts"]["rule"].errors[name] == [told]
    assert all_of(case) == before


def test_more_than_was_paid_is_refused_and_what_was_typed_is_kept(scene):
    case = scene.in_review()
    data = sent(scene, "rule", case)
    name = next(key for key in data if key.startswith("amount_"))
    before = all_of(case)

    answer = post("rule", case, data | {name: "100.01"}, scene.mia)

    assert answer.status_code == 409
    assert messages(answer) == ["More than can be given back."]
    assert answer.context["acts"]["rule"]["statement"].value() == "So it is."
    assert all_of(case) == before


def test_fault_that_is_not_all_of_it_is_told(scene):
    case = scene.in_review()
    before = all_of(case)

    answer = post("rule", case, sent(scene, "rule", case) | {"fault_buyer": 1}, scene.mia)

    assert answer.context["acts"]["rule"].non_field_errors() == ["The shares of fault sum to 100."]
    assert all_of(case) == before


def test_a_ruling_names_what_it_relies_on_and_nothing_else(scene):
    case = scene.back_and_forth()
    data = sent(scene, "rule", case)

    stranger = post("rule", case, data | {"evidence": [str(uuid4())]}, scene.mia)
    assert stranger.status_code == 422


def test_asking_nobody_for_anything_is_told(scene):
    case = scene.in_review()

    answer = post(
        "ask_evidence", case, sent(scene, "ask_evidence", case) | {"buyer": []}, scene.mia
    )

    assert answer.status_code == 422
    assert read(case).dispute.state == "in_review"


def test_what_is_typed_at_the_desk_is_kept_apart_from_the_timeline(scene):
    case = scene.in_review()

    post("rule", case, sent(scene, "rule", case), scene.mia)

    assert Statement.objects.get(case=case, role="mediator").text == "So it is."
    assert "So it is." not in read(case).events.latest("sequence").payload


def test_a_dispute_outside_the_lanes_is_not_claimed(scene):
    case = scene.queued()
    other = hire("yan", languages=["zh-hans"])
    before = all_of(case)

    answer = post("claim", case, sent(scene, "claim", case), other)

    assert answer.status_code == 409
    assert all_of(case) == before


def test_the_page_offers_what_the_api_offers_and_no_more(scene):
    offered = {}
    for situation in ("queued", "in_review", "awaiting_approval", "refunding", "closed"):
        case = getattr(scene, situation)()
        for name in ("mediator", "second", "senior", "supervisor", "auditor"):
            client = Client()
            client.force_login(scene.staff[name].user)
            page = client.get(reverse("admin:cases_case_change", args=[case.pk]))
            offered[situation, name] = sorted(page.context["acts"])

    judging = ["ask_evidence", "propose", "release", "rule"]
    assert {key: acts for key, acts in offered.items() if acts} == {
        ("queued", "mediator"): ["claim"],
        ("queued", "second"): ["claim"],
        ("queued", "senior"): ["claim"],
        ("queued", "supervisor"): ["assign", "triage"],
        ("in_review", "mediator"): judging,
        ("in_review", "supervisor"): ["assign", "release", "triage"],
        ("awaiting_approval", "mediator"): ["hand_back"],
        ("awaiting_approval", "second"): ["approve_ruling", "send_back"],
        ("awaiting_approval", "senior"): ["approve_ruling", "send_back"],
        ("refunding", "supervisor"): ["settle_by_hand"],
        ("closed", "supervisor"): ["reinstate"],
    }


def test_claim_next_is_a_post_of_mediators(scene):
    case = scene.queued()
    address = reverse("admin:claim_next")
    client = Client()
    client.force_login(scene.staff["supervisor"].user)
    assert client.post(address).status_code == 403
    client.force_login(scene.mia.user)
    assert client.get(address).status_code == 405
    assert read(case).docket.holder == ""

    answer = client.post(address)

    assert answer.url == reverse("admin:cases_case_change", args=[case.pk])
    assert read(case).docket.holder == scene.mia.person


def test_claim_next_says_when_nothing_waits_or_the_hands_are_full(scene):
    client = Client()
    client.force_login(scene.mia.user)
    nothing = client.post(reverse("admin:claim_next"), follow=True)
    assert messages(nothing) == ["Nothing waits in your lanes."]

    scene.in_review()
    scene.queued()
    docket.Mediator.objects.filter(pk=scene.mia.pk).update(capacity=1)
    full = client.post(reverse("admin:claim_next"), follow=True)
    assert messages(full) == ["You hold as many disputes as you can look after."]


def messages(answer):
    return [str(message) for message in answer.context["messages"]]
