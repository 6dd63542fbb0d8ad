"""The check before applying says what opening would say, for each line, reason and remedy."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.goods import GOODS
from cases.models import Order, OrderLine
from cases.reasons import REASONS, REMEDIES
from mediation.steps import take
from tests import world
from tests.api import callers
from tests.api.callers import NOW, Caller, buyer, order, seller, service, yuan
from tests.api.problems import pointers, problem
from tests.mediation import story
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
        "rule": None,
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


@pytest.mark.requirement("D21")
@pytest.mark.parametrize(
    ("promised", "delivered", "advice", "until"),
    [
        (1, None, ["still_promised"], 1),
        (-1, None, ["past_promise"], -1),
        (-1, -2, [], None),
        (-1, -6, ["closes_soon"], 1),
        (-1, -8, ["closed"], -1),
    ],
)
def test_advice_before_applying(promised, delivered, advice, until):
    bought = order(delivered=None if delivered is None else NOW + timedelta(days=delivered))
    Order.everywhere.filter(pk=bought.pk).update(promised_at=NOW + timedelta(days=promised))

    told = check(buyer(bought), bought)["advice"]

    assert [each["advice"] for each in told] == advice
    moments = [NOW + timedelta(days=until)] if advice else []
    assert [each["until"] for each in told] == [
        moment.isoformat().replace("+00:00", "Z") for moment in moments
    ]


def test_pieces_that_are_claimed_and_money_that_is_gone():
    bought = order()
    callers.opened(bought)
    before = check(seller(bought), bought)
    claimed = choice(before, "quality", "return_refund")
    OrderLine.objects.update(claimed=0, outside=10_000)
    gone = check(seller(bought), bought)

    assert (claimed["code"], claimed["detail"]) == ("QUANTITY_TAKEN", "No piece is free.")
    assert [each["advice"] for each in before["advice"]] == ["already_applied"]
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


FRESH = {
    "fresh food": {
        "request_window": {"default": "20h", "late": {"length": "2d", "tag": "W"}},
        "closed": ["no_longer_wanted"],
        "freight": {"default": "seller"},
        "evidence": {"wrong_item": {"required": ["photo_parcel"]}},
    }
}


@pytest.fixture
def fresh():
    """A cup, and food of a category that the policy has rules for; both came yesterday."""
    kinds = {f'"{name}"': rules for name, rules in FRESH.items()}
    bought = order(story.market("grocer", categories=kinds, promises={"genuine": True}), lines=2)
    bought.lines.filter(ref="1").update(category="fresh food")
    return bought


@pytest.mark.requirement("D07")
def test_a_category_of_goods_has_its_own_windows_reasons_evidence_and_freight(fresh):
    told = check(bea := buyer(fresh), fresh)

    cup, food = told["lines"]
    assert (cup["category"], cup["reasons"]) == ("", [])
    assert choice(told, "no_longer_wanted", "return_refund", "0")["eligible"]
    no = choice(told, "no_longer_wanted", "return_refund", "1")
    assert (no["eligible"], no["why"], no["rule"]) == (
        *(False, "closed_kind"),
        {
            "policy": "grocer",
            "version": 1,
            "path": "categories.fresh food.closed",
            "value": ["no_longer_wanted"],
            "tag": "U",
            "text": "Goods of the category fresh food are not taken back for: No longer wanted.",
        },
    )
    late = choice(told, "quality", "refund_only", "1")
    assert (late["why"], late["rule"]["path"]) == (
        *("window_closed", "categories.fresh food.request_window.default"),
    )
    [wrong] = [each for each in food["reasons"] if each["reason"] == "wrong_item"]
    assert (wrong["freight_payer"], [slot["slot"] for slot in wrong["evidence"]]) == (
        *("seller", ["photo_parcel"]),
    )
    assert [rule["path"].rpartition("food.")[2] for rule in wrong["rules"]] == [
        *("freight.default", "request_window.default", "evidence.wrong_item"),
    ]
    [in_time] = [each for each in food["reasons"] if each["reason"] == "late"]
    assert in_time["closes_at"] == (NOW).isoformat().replace("+00:00", "Z")
    answer = bea.open(fresh)
    assert (problem(answer), answer.json()["rule"]) == (
        *((422, "NOT_ELIGIBLE"), "categories.fresh food.closed"),
    )


def test_goods_of_a_category_ask_for_more_evidence_and_travel_back_at_its_price(fresh):
    Order.everywhere.update(delivered_at=NOW - timedelta(hours=2))
    bea, photo = buyer(fresh), [{"slot": "photo_goods"}]
    inputs = {"reason": "wrong_item", "evidence": photo}

    answer = bea.open(fresh, **inputs)
    assert (problem(answer), answer.json()["missing"]) == (
        *((422, "EVIDENCE_MISSING"), ["photo_parcel"]),
    )
    of_cup = [{"line": "0", "quantity": 1}]
    assert bea.open(fresh, **inputs, items=of_cup, dry_run=True).status_code == 200
    inputs["evidence"] = [*photo, {"slot": "photo_parcel"}]
    case = bea.case(bea.open(fresh, **inputs).json()["id"])
    schema = next(a["input_schema"] for a in case["actions"] if a["name"] == "amend")
    assert "no_longer_wanted" not in schema["properties"]["reason"]["enum"]
    slots = bea.get(f"cases/{case['id']}/evidence").json()["checklist"]["application"]
    assert [(slot["slot"], slot["level"], slot["satisfied"]) for slot in slots] == [
        *(("photo_goods", "required", True), ("photo_parcel", "required", True)),
    ]


@pytest.mark.requirement("R16")
def test_the_policy_is_published_with_the_promises_for_each_kind_of_goods(fresh):
    told = {lang: published(fresh, lang) for lang in ("en", "zh-CN")}

    assert tags(told["en"]["promises"]) == [
        ("no_reason_return", "7 days to return without a reason"),
        ("faulty_free_return", "The seller pays for the return of faulty goods"),
        ("answered_in", "The seller answers within 48 hours"),
        ("ruled_in", "A mediator rules within 5 working days"),
        ("paid_in", "Refunds arrive within 7 working days"),
        ("genuine", "Genuine goods guaranteed"),
    ]
    assert tags(told["zh-CN"]["promises"])[0] == ("no_reason_return", "7天无理由退货")
    [food] = told["en"]["categories"]
    assert (food["kind"], tags(food["promises"])[0][1]) == (
        *("fresh food", "20 hours to return without a reason"),
    )
    of_line = check(buyer(fresh), fresh)["lines"][1]["promises"]
    assert of_line == food["promises"]
    digital = next(each for each in told["en"]["flags"] if each["kind"] == "digital")
    assert {key for key, _ in tags(digital["promises"])}.isdisjoint({"no_reason_return"})
    rules = {rule["path"]: rule["text"] for rule in told["zh-CN"]["rules"]}
    assert rules["request_window.default"] == "其他原因：申请期限为7天。"
    assert rules["clocks.ship_back.on_expiry"] == "买家寄回商品超时后，售后单关闭。"


@pytest.mark.requirement("R16", "T01")
@pytest.mark.parametrize(("for_a_seller", "promised"), [(50_000, True), (0, False)])
def test_that_the_platform_pays_first_is_promised_where_it_guarantees(for_a_seller, promised):
    limits = {"guarantee_per_order": 8_000, "guarantee_per_seller": for_a_seller}
    bought = order(story.market("bank", money=limits))

    told = tags(published(bought, "en")["promises"])

    assert (("paid_in_advance", "The platform pays first") in told) is promised


def published(bought, language):
    client = buyer(bought).client
    return client.get("/api/v1/policy", headers={"Accept-Language": language}).json()


def tags(promises):
    return [(promise["promise"], promise["label"]) for promise in promises]


@pytest.mark.requirement("D12", "D22", "K04")
def test_what_exactly_is_the_matter_is_asked_for_and_decides_what_to_bring():
    bea = buyer(bought := order())
    told = {lang: reason(check(bea, bought, lang), "quality")["details"] for lang in ("en", "zh")}
    first = {lang: rows[0] for lang, rows in told.items()}
    assert (first["en"]["detail"], first["en"]["label"], first["zh"]["label"]) == (
        *("does_not_switch_on", "Does not switch on", "无法开机/通电"),
    )
    assert [(slot["slot"], slot["level"]) for slot in first["en"]["evidence"]] == [
        *(("video", "one_of"), ("test_report", "one_of")),
    ]
    dead = {"reason": "quality", "detail": "does_not_switch_on"}
    photo = {"evidence": [{"slot": "photo_goods"}]}
    answer = bea.open(bought, **dead, **photo)
    assert (problem(answer), answer.json()["missing"]) == (
        *((422, "EVIDENCE_MISSING"), ["video", "test_report"]),
    )
    answer = bea.open(bought, **photo, reason="wrong_item", detail="too_small")
    assert (problem(answer), pointers(answer)) == ((400, "INVALID"), [("/detail", "not_of_reason")])

    case = bea.case(bea.open(bought, **dead, evidence=[{"slot": "video"}]).json()["id"])

    assert (case["detail"], case["applications"][0]["detail"]) == ("does_not_switch_on",) * 2
    again = {**dead, "detail": "scratched", "remedy": "return_refund", "statement": "See."}
    again["items"] = [{"line": "0", "quantity": 1}]
    missing = bea.step(case, "amend", **again)
    assert (problem(missing), missing.json()["missing"]) == (
        *((422, "EVIDENCE_MISSING"), ["photo_goods"]),
    )
    assert bea.step(case, "amend", **again, **photo).status_code == 200
    assert bea.case(case["id"])["detail"] == "scratched"
    details = bea.get("process").json()["details"]
    assert [row["reasons"] for row in details if row["key"] == "sewing"] == [["quality"]]


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
