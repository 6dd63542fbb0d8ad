"""The check before applying says what opening would say, for each line, reason and remedy."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.goods import GOODS
from cases.models import OrderLine
from cases.reasons import REASONS, REMEDIES
from mediation.steps import take
from tests import world
from tests.api import callers
from tests.api.callers import NOW, Caller, buyer, order, seller, service, yuan
from tests.api.problems import problem
from tests.mediation.usual import slots_for
from tests.sizes import size

pytestmark = pytest.mark.django_db

CHECK = 7  # caller, order, moment; what holds now; the order's rows; duplicates


def check(caller, bought, language="en"):
    path = f"orders/{bought.ref}/eligibility-checks"
    answer = caller.client.get(f"/api/v1/{path}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.content
    return answer.json()


def choice(told, reason, remedy, line="0"):
    [of] = [each for each in told["lines"] if each["line"] == line]
    [found] = [c for c in of["choices"] if (c["reason"], c["remedy"]) == (reason, remedy)]
    return found


def reason(told, key):
    [found] = [each for each in told["reasons"] if each["reason"] == key]
    return found


@pytest.mark.requirement("D04")
def test_what_may_be_applied_for_until_when_for_how_much_and_what_to_bring():
    bought = order(quantity=3, paid=100)
    bea = buyer(bought)
    bea.open(bought, items=[{"line": "0", "quantity": 1}])

    told = check(bea, bought)

    [line] = told["lines"]
    assert (line["quantity"], line["free"], line["applications_left"]) == (3, 2, 2)
    assert choice(told, "quality", "return_refund") == {
        "reason": "quality",
        "remedy": "return_refund",
        "eligible": True,
        "most": yuan("0.67"),
        "code": None,
        "why": None,
        "detail": None,
    }
    quality = reason(told, "quality")
    assert quality["closes_at"] == (NOW + timedelta(days=6)).isoformat().replace("+00:00", "Z")
    assert [(e["slot"], e["level"]) for e in quality["evidence"]] == [
        *(("photo_goods", "one_of"), ("video", "one_of")),
        *(("test_report", "optional"), ("harm", "optional")),
    ]


@pytest.mark.requirement("D05")
def test_who_pays_the_freight_is_told_before():
    told = check(buyer(bought := order(freight=500)), bought)

    quality, wish = reason(told, "quality"), reason(told, "no_longer_wanted")
    assert (quality["freight_payer"], quality["freight_out"]) == ("seller", yuan("5.00"))
    assert (wish["freight_payer"], wish["freight_out"]) == ("buyer", yuan("0.00"))


def test_labels_come_in_the_language_of_the_reader():
    bought = order()
    seen = {language: check(buyer(bought), bought, language) for language in ("en", "zh-CN", "pt")}

    labels = {key: reason(told, "quality")["label"] for key, told in seen.items()}
    assert labels == {"en": "Quality problem", "zh-CN": "质量问题", "pt": "Quality problem"}
    assert reason(seen["zh-CN"], "quality")["evidence"][0]["label"] == "商品照片"
    assert choice(seen["zh-CN"], "lost", "reship")["detail"] == "与包裹当前状态不符。"


def test_since_when_it_is_too_late():
    bought = order(delivered=NOW - timedelta(days=9))
    told = check(buyer(bought), bought)

    found = choice(told, "quality", "return_refund")
    assert (found["eligible"], found["code"], found["why"], found["most"]) == (
        *(False, "NOT_ELIGIBLE", "window_closed", None),
    )
    closed = NOW - timedelta(days=2)
    assert reason(told, "quality")["closes_at"] == closed.isoformat().replace("+00:00", "Z")
    assert choice(check(service(bought), bought), "quality", "return_refund")["eligible"]


def test_pieces_that_are_claimed_and_money_that_is_gone():
    bought = order()
    callers.opened(bought)
    claimed = choice(check(seller(bought), bought), "quality", "return_refund")
    OrderLine.objects.update(claimed=0, outside=10_000)
    gone = check(seller(bought), bought)

    assert (claimed["code"], claimed["detail"]) == ("QUANTITY_TAKEN", "No piece is free.")
    assert choice(gone, "quality", "return_refund")["code"] == "AMOUNT_TOO_HIGH"
    assert choice(gone, "quality", "exchange")["eligible"]


@pytest.mark.parametrize(
    ("flag", "delivered", "key", "remedy", "eligible"),
    [
        ("custom_made", True, "no_longer_wanted", "return_refund", False),
        ("custom_made", True, "quality", "return_refund", True),
        ("perishable", True, "quality", "return_refund", False),
        ("perishable", True, "quality", "refund_only", True),
        ("digital", True, "not_as_described", "return_refund", False),
        ("digital", True, "damaged", "refund_only", False),
        ("digital", True, "unusable", "refund_only", True),
        ("opened", True, "seven_day_no_reason", "return_refund", False),
        ("presale", False, "no_longer_wanted", "refund_only", False),
        ("presale", True, "no_longer_wanted", "return_refund", True),
        ("presale", False, "late", "refund_only", True),
        ("gift", False, "no_longer_wanted", "refund_only", True),
    ],
)
@pytest.mark.requirement("D07")
def test_goods_with_rules_of_their_own(flag, delivered, key, remedy, eligible):
    bought = order(delivered=NOW - timedelta(days=1) if delivered else None)
    bought.lines.update(flags=[flag])

    found = choice(check(buyer(bought), bought), key, remedy)

    assert found["eligible"] == eligible
    assert eligible or found["why"] == "excepted_goods"


@pytest.mark.parametrize("n", [1, 3])
def test_a_check_costs_the_same_statements_for_any_number_of_lines(n, django_assert_num_queries):
    bought = order(lines=n)
    bea = buyer(bought)
    check(bea, bought)  # the policy is read once per process

    with django_assert_num_queries(CHECK):
        told = check(bea, bought)

    assert len(told["lines"]) == n


def test_strangers_and_unknown_orders(nothing_changes):
    bought = order()
    stranger = world.party(bought.marketplace, "buyer")
    nothing_changes()

    path = f"orders/{bought.ref}/eligibility-checks"
    answer = Caller(bought.marketplace, "buyer", stranger.ref).get(path)
    assert problem(answer) == (404, "NOT_FOUND")
    assert problem(buyer(bought).get("orders/other/eligibility-checks")) == (404, "NOT_FOUND")
    assert problem(buyer(bought).get(path, colour="red")) == (400, "UNKNOWN_PARAMETER")
    assert problem(buyer(bought).post(path)) == (405, "METHOD_NOT_ALLOWED")


# What the check says is what opening does

days = st.integers(-40, 20)
maybe = st.none() | days
lines = st.fixed_dictionaries(
    {
        "flags": st.lists(st.sampled_from([*GOODS, "gift"]), max_size=2),
        "quantity": st.integers(1, 3),
        "paid": st.sampled_from([0, 1, 2, 100, 10_000]),
        "claimed": st.integers(0, 1),
        "outside": st.sampled_from([0, 1]),
        "applications": st.integers(0, 3),
    }
)


@settings(
    max_examples=size(3, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    told=st.lists(lines, min_size=1, max_size=2),
    promised=maybe,
    shipped=maybe,
    delivered=maybe,
    role=st.sampled_from(["buyer", "seller", "service"]),
)
def test_eligible_is_what_opening_would_take(told, promised, shipped, delivered, role):
    market = world.Marketplace.objects.filter(slug="bazaar").first() or world.marketplace()
    bought = world.order(market, lines=len(told), ref=f"o-{uuid4()}", quantity=3)
    for name, number in (("promised", promised), ("shipped", shipped), ("delivered", delivered)):
        moment = None if number is None else NOW + timedelta(days=number)
        setattr(bought, f"{name}_at", moment)
    bought.save()
    for number, line in enumerate(told):
        line |= {"outside": min(line["outside"], line["paid"])}
        bought.lines.filter(ref=str(number)).update(**line)
    caller = {"buyer": buyer, "seller": seller, "service": service}[role](bought)

    answer = check(caller, bought)

    for line in bought.lines.all():
        offered = {
            (c["reason"], c["remedy"]): c["eligible"]
            for each in answer["lines"]
            if each["line"] == line.ref
            for c in each["choices"]
        }
        wanted = {(r, m): would_open(bought, line, r, m, role) for r in REASONS for m in REMEDIES}
        assert {pair for pair, ok in wanted.items() if ok} == {p for p, ok in offered.items() if ok}


def would_open(bought, line, key, remedy, role):
    """Ask the writer, dry, with all free pieces and all evidence."""
    pieces = max(1, line.quantity - line.claimed)
    wish = world.opening(
        bought,
        by=world.actor(bought, role),
        reason=key,
        remedy=remedy,
        items=[{"line": line.id, "quantity": pieces, "amount": None}],
        evidence=slots_for(key),
        **({"compensation": 1} if remedy == "compensation" else {}),
    )
    [answer] = take([wish], clock=world.at(NOW), dry_run=True)
    return not isinstance(answer, Exception)
