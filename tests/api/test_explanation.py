"""By which rule a case was decided, in words, for each side."""

import pytest

from cases.models.policy import publish
from tests import world
from tests.api import callers
from tests.api.callers import AGO, NOW, Caller, order
from tests.mediation.story import Story, market

pytestmark = pytest.mark.django_db

SILENCE = {
    "on_expiry": [
        {"reason": ["counterfeit"], "do": "escalate"},
        {"category": ["toys"], "amount_lte": {"CNY": 20_000}, "do": "approve"},
        {"do": "escalate"},
    ],
    "length": [{"category": ["toys"], "length": "24h"}, {"length": "48h"}],
}
OTHERS = "Any other reason: goods of the category toys may be applied for within 5 days."
FREIGHT = "Quality problem: sending goods of the category toys back is paid by the buyer."
AGREED = (
    "When the time for the seller's answer is over, the application counts as agreed "
    "(toys; in minor units at most CNY 20000)."
)


def told(story, role, language="en"):
    """Give what somebody is told: of each event its name, and of each rule its place and words."""
    party = getattr(story.order, role).ref
    caller = Caller(story.order.marketplace, role, party)
    path = f"/api/v1/cases/{story.id}/explanation"
    answer = caller.client.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.requirement("D18")
def test_each_outcome_names_the_rule_of_the_pinned_policy_that_led_to_it():
    toys = {"request_window": {"default": "5d"}, "freight": {"quality": "buyer"}}
    shop = market("toyshop", clocks__seller_response=SILENCE, categories={"toys": toys})
    bought = world.order(shop)
    bought.lines.update(category="toys")
    story = Story(bought)
    story.pass_days(2)

    answer = told(story, "buyer")

    assert (answer["policy"], answer["version"], story.state) == ("toyshop", 1, "awaiting_return")
    assert [
        (one["name"], one["clock"], [(rule["path"], rule["text"]) for rule in one["rules"]])
        for one in answer["decisions"]
    ] == [
        (
            "open",
            None,
            [
                (
                    "categories.toys.request_window.default",
                    OTHERS,
                ),
                (
                    "categories.toys.freight.quality",
                    FREIGHT,
                ),
            ],
        ),
        (
            "approve",
            "seller_response",
            [
                (
                    "clocks.seller_response.length.0",
                    "The time for the seller's answer is 24 hours (toys).",
                ),
                (
                    "clocks.seller_response.on_expiry.1",
                    AGREED,
                ),
            ],
        ),
    ]
    chinese = told(story, "seller", "zh-CN")["decisions"]
    assert [rule["text"] for rule in chinese[1]["rules"]] == [
        "卖家答复的时限为24小时（toys）。",
        "卖家答复超时后，视为同意申请（toys；金额（最小货币单位）不超过 CNY 20000）。",
    ]


def test_what_no_clock_may_pay_is_explained_by_the_limit():
    story = Story(paid=600_000)
    story.seller("approve")
    story.buyer("ship_return")
    story.carrier("return_delivered")
    story.pass_days(11)

    [escalated] = [one for one in told(story, "seller")["decisions"] if one["name"] == "escalate"]

    assert [rule["path"] for rule in escalated["rules"]] == [
        *("clocks.inspection.length", "money.auto_refund_limit"),
    ]


@pytest.mark.requirement("M01")
@pytest.mark.parametrize(("pin", "version"), [("application", 2), ("purchase", 1)])
def test_a_case_stays_with_the_version_of_its_application_or_of_the_purchase(pin, version):
    shop = market("shop")
    lines = ['name = "shop"', 'inherits = "default"', f'pin = "{pin}"']
    lines.append('request_window = {default = "20h"}')
    publish("\n".join(lines), effective_from=NOW - 2 * AGO, at=NOW)
    bought = order(shop)  # five days ago; it came yesterday

    told = callers.buyer(bought).get(f"orders/{bought.ref}/eligibility-checks").json()
    assert told["policy"] == {"name": "shop", "version": version}
    late = callers.buyer(bought).open(bought, dry_run=True)
    assert late.status_code == (200 if pin == "purchase" else 422)
    opened = callers.service(bought).open(bought)  # who is not held to the window

    assert callers.service(bought).case(opened.json()["id"])["policy"] == {
        "name": "shop",
        "version": version,
        "version_at_purchase": 1,
        "version_at_application": 2,
    }
