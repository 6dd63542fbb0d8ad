import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases import policies
from cases.clocks import CLOCKS
from cases.policies import load, parse
from cases.reasons import REASONS

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

# Length, tag, consequence, tag of it: what the documents of each platform say.
DEFAULT = {
    "seller_response": ("48h", "U", "escalate", "U"),
    "offer_reply": ("24h", "U", "lapse_offer", "U"),
    "reapply_window": ("7d", "U", "close", "U"),
    "ship_back": ("7d", "U", "close", "U"),
    "return_transit": ("15d", "U", "escalate", "U"),
    "inspection": ("10d", "U", "accept_return", "U"),
    "dispatch": ("7d", "U", "escalate", "U"),
    "replacement_receipt": ("10d", "U", "confirm_replacement", "U"),
    "refund_settlement": ("7wd", "U", "alarm", "U"),
    "aftercare": ("15d", "U", "end_aftercare", "U"),
    "docket_wait": ("4h", "U", "to_supervisor", "U"),
    "ruling": ("5wd", "U", "to_supervisor", "U"),
    "evidence": ("48h", "U", "seal", "U"),
    "proposal": ("24h", "U", "lapse_proposal", "U"),
    "approval": ("1wd", "U", "to_supervisor", "U"),
    "appeal": ("7d", "U", "finalize", "U"),
}
DOUYIN = DEFAULT | {
    "seller_response": ("24h", "W", "escalate", "W"),
    "inspection": ("48h", "U", "accept_return", "U"),
    "dispatch": ("5d", "U", "escalate", "U"),
    "ruling": ("3wd", "U", "to_supervisor", "U"),
    "evidence": ("24h", "U", "seal", "U"),
}


@pytest.mark.parametrize(("name", "golden"), [("default", DEFAULT), ("douyin", DOUYIN)])
def test_the_clocks_of_a_preset_are_those_of_its_sources(name, golden):
    policy = load(name)
    told = policy.as_data()["clocks"]

    assert {
        clock: (
            str(policy.length(clock)),
            told[clock]["length"]["tag"],
            policy.consequence(clock),
            told[clock]["on_expiry"]["tag"],
        )
        for clock in policy.clocks
    } == golden


def test_the_limits_of_the_default():
    assert vars(load("default").limits) == {
        "applications": 3,
        "edits": 3,
        "offers_per_side": 5,
        "mediation_rounds": 2,
        "claims": 20,
        "evidence_rounds": 2,
        "proposals": 3,
        "rulings": 3,
        "appeals_per_side": 1,
        "reopen": 1,
        "extensions": 1,
        "applications_and_edits": None,
    }


@pytest.mark.parametrize(
    ("name", "asked", "answer"),
    [
        ("default", lambda p: p.time_zone, "UTC"),
        ("default", lambda p: p.calendar.country, "weekdays"),
        ("default", lambda p: p.languages, ("en", "zh-hans")),
        ("default", lambda p: str(p.request_window("quality")), "7d"),
        ("default", lambda p: str(p.escalation_window), "7d"),
        ("default", lambda p: str(p.length("replacement_receipt", variant="delivered")), "7d"),
        ("default", lambda p: str(p.length("refund_settlement", variant="again")), "1wd"),
        ("default", lambda p: str(p.length("ruling", variant="appealed")), "5wd"),
        ("default", lambda p: str(p.length("ruling", variant="again")), "1wd"),
        ("default", lambda p: p.extension("inspection"), None),
        ("default", lambda p: p.approval_amount("CNY"), 200_000),
        ("default", lambda p: p.approval_amount("CHF"), 30_000),
        ("default", lambda p: p.auto_refund_limit("BRL"), 500_000),
        ("default", lambda p: p.auto_refund_limit(), 100_000),
        ("default", lambda p: p.appeal, True),
        ("default", lambda p: p.payout_waits_for_appeal, True),
        ("default", lambda p: p.escalate_while_awaiting, False),
        ("default", lambda p: p.no_refuse_reasons, {"seven_day_no_reason"}),
        ("default", lambda p: p.demo, False),
        ("default", lambda p: p.effective_from, None),
        ("default", lambda p: p.missing_evidence, "go_on"),
        ("default", lambda p: p.beyond_window, {"service"}),
        ("default", lambda p: p.during("inspection"), ("inspecting",)),
        ("default", lambda p: p.during("ruling"), CLOCKS["ruling"].during),
        ("default", lambda p: p.asks_categories, False),
        ("douyin", lambda p: p.time_zone, "Asia/Shanghai"),
        ("douyin", lambda p: p.calendar.country, "CN"),
        ("douyin", lambda p: p.payout_waits_for_appeal, False),
        ("douyin", lambda p: p.extension("inspection").times, 1),
        ("douyin", lambda p: p.title, {"en": "Douyin", "zh": "抖音电商"}),
        ("douyin", lambda p: p.as_data()["request_window"]["default"]["tag"], "W"),
        ("douyin", lambda p: p.as_data()["money"]["payout_waits_for_appeal"]["tag"], "W"),
        ("douyin", lambda p: str(p.length("ruling", variant="appealed")), "5wd"),
        ("demo", lambda p: p.demo, True),
        ("demo", lambda p: p.limits, load("default").limits),
    ],
)
def test_what_a_preset_says(name, asked, answer):
    assert asked(load(name)) == answer


def test_the_default_says_what_the_tables_say():
    default = load("default")

    for name, rule in CLOCKS.items():
        told = default.clocks[name]
        assert (name, str(default.length(name)), default.consequence(name)) == (
            name,
            rule.length,
            rule.then[0],
        )
        assert tuple(map(str, told.remind)) == rule.remind
        assert {v: str(length) for v, length in told.variants.items()} == rule.variants
    assert default.rank.harm == {r.key: r.urgency for r in REASONS.values() if r.urgency}


def test_the_demo_is_over_within_two_minutes():
    demo = load("demo")

    silence = demo.length("seller_response").span
    inspection = demo.length("inspection").span
    assert max(silence, inspection) <= timedelta(seconds=30)


@pytest.mark.parametrize("name", policies.names())
def test_a_preset_is_json_and_carries_a_tag_at_every_value(name):
    told = json.loads(json.dumps(load(name).as_data(), allow_nan=False))

    assert (told.pop("name"), told.pop("version")) == (name, 0)
    assert set(tags(told)) <= {"S", "W", "U"}


def tags(told):
    if told.keys() == {"value", "tag"}:
        yield told["tag"]
    else:
        for inside in told.values():
            yield from tags(inside)


# Asking a policy


def small(*lines):
    """Write a file that inherits the default and says something more."""
    return "\n".join(['name = "small"', 'inherits = "default"', *lines])


BY_VALUE = small(
    "[clocks.seller_response]",
    'length = [{reason = ["counterfeit"], length = "24h"}, {length = "2wd"}]',
    """on_expiry = [
  {reason = ["not_received", "lost"], amount_lt = 10000, do = "approve", remedy = "refund_only"},
  {reason = ["not_received", "lost"], do = "escalate"},
  {amount_lte = {CNY = 5000, JPY = 700}, do = "approve", remedy = "refund_only"},
  {amount_lte = 90000, do = "approve", remedy = "return_refund"},
  {do = "escalate"},
]""",
)


@pytest.mark.parametrize(
    ("facts", "step", "remedy"),
    [
        ({"reason": "lost", "amount": 9_999, "currency": "CNY"}, "approve", "refund_only"),
        ({"reason": "lost", "amount": 10_000, "currency": "CNY"}, "escalate", None),
        ({"reason": "quality", "amount": 5_000, "currency": "CNY"}, "approve", "refund_only"),
        ({"reason": "quality", "amount": 5_001, "currency": "CNY"}, "approve", "return_refund"),
        ({"reason": "quality", "amount": 701, "currency": "JPY"}, "approve", "return_refund"),
        ({"reason": "quality", "amount": 1, "currency": "USD"}, "approve", "return_refund"),
        ({"reason": "quality", "amount": 90_001, "currency": "CNY"}, "escalate", None),
        ({"reason": "lost"}, "escalate", None),
        ({}, "escalate", None),
    ],
)
def test_silence_means_what_the_first_matching_line_says(facts, step, remedy):
    policy = parse(BY_VALUE)

    assert policy.consequence("seller_response", **facts) == step
    assert policy.outcome("seller_response", **facts).remedy == remedy


def test_what_is_not_said_is_inherited_but_for_the_name_and_the_title():
    policy, douyin = parse(small().replace("default", "douyin")), load("douyin")

    assert (policy.name, policy.title) == ("small", {"en": "small"})
    assert (policy.clocks, policy.limits, policy.calendar) == (
        douyin.clocks,
        douyin.limits,
        douyin.calendar,
    )
    assert policies.bases_of(small().replace("default", "douyin")) == [
        policies.source_of("douyin"),
        policies.source_of("default"),
    ]


BY_GOODS = small(
    "[clocks.seller_response]",
    """on_expiry = [
  {category = ["animals", "food"], amount_lt = 10000, do = "approve", remedy = "refund_only"},
  {category = ["animals", "food"], do = "escalate"},
  {do = "approve"},
]""",
)


@pytest.mark.parametrize(
    ("categories", "amount", "step", "remedy"),
    [
        (["food"], 9_999, "approve", "refund_only"),
        (["food"], 10_000, "escalate", None),
        (["toys", "animals"], 10_000, "escalate", None),
        (["toys"], 9_999, "approve", None),
        ([], 9_999, "approve", None),
        (["food"], None, "escalate", None),
    ],
)
def test_silence_may_depend_on_the_kind_of_goods(categories, amount, step, remedy):
    policy = parse(BY_GOODS)
    facts = {"categories": categories, "amount": amount, "currency": "SGD"}

    assert policy.asks_categories
    assert policy.consequence("seller_response", **facts) == step
    assert policy.outcome("seller_response", **facts).remedy == remedy


def test_a_length_may_depend_on_the_kind_of_goods():
    policy = parse(
        small('clocks.ship_back.length = [{category = ["food"], length = "1d"}, {length = "9d"}]')
    )

    assert policy.asks_categories
    assert policy.due("ship_back", MONDAY, categories=["food"]) == MONDAY + timedelta(days=1)
    assert policy.due("ship_back", MONDAY) == MONDAY + timedelta(days=9)


def test_an_inspection_that_counts_from_the_tracking_number_runs_on_the_way_too():
    policy = parse(small('clocks.inspection.counts_from = {value = "upload", tag = "S"}'))

    assert policy.during("inspection") == ("return_in_transit", "inspecting")
    assert policy.as_data()["clocks"]["inspection"]["counts_from"] == {
        "value": "upload",
        "tag": "S",
    }


def test_a_return_that_nobody_looked_at_is_refunded_up_to_the_limit_wherever_it_is():
    policy = parse(small('clocks.return_transit.on_expiry = "accept_return"'))

    assert [
        policy.consequence("return_transit", amount=amount, currency="CNY")
        for amount in (500_000, 500_001)
    ] == ["accept_return", "escalate"]


def test_a_preset_may_name_the_day_from_which_it_holds():
    policy = parse(small("effective_from = 2024-03-25", 'time_zone = "Asia/Shanghai"'))

    assert policy.effective_from == datetime(2024, 3, 24, 16, tzinfo=UTC)
    assert policy.as_data()["effective_from"] == {"value": "2024-03-25", "tag": "U"}


@pytest.mark.parametrize(
    ("line", "asked", "answer"),
    [
        ("limits.applications_and_edits = 5", lambda p: p.limits.applications_and_edits, 5),
        ('mediation.missing_evidence = "lose"', lambda p: p.missing_evidence, "lose"),
        ('beyond_window = ["seller"]', lambda p: p.beyond_window, {"seller"}),
        ("beyond_window = []", lambda p: p.beyond_window, frozenset()),
    ],
)
def test_a_file_may_say(line, asked, answer):
    assert asked(parse(small(line))) == answer


def test_a_version_stored_before_a_key_was_known_stays_readable():
    newer = ("beyond_window", "missing_evidence", "counts_from")
    older = "\n".join(
        line for line in policies.source_of("default").splitlines() if not line.startswith(newer)
    )

    policy = parse(small(), bases=[older])

    assert (policy.beyond_window, policy.missing_evidence) == ({"service"}, "go_on")
    assert policy.clocks["inspection"].counts_from == "delivery"


def test_a_length_may_depend_on_the_reason():
    policy = parse(BY_VALUE)

    assert policy.due("seller_response", MONDAY) == MONDAY + timedelta(days=2)
    assert policy.due("seller_response", MONDAY, reason="counterfeit") == MONDAY + timedelta(days=1)


def test_a_request_window_may_depend_on_the_reason():
    policy = parse(small("[request_window]", 'counterfeit = {length = "14d", tag = "W"}'))

    assert str(policy.request_window("counterfeit")) == "14d"
    assert str(policy.request_window("quality")) == "7d"
    assert policy.window_end("counterfeit", MONDAY) == MONDAY + timedelta(days=14)


@pytest.mark.parametrize(
    ("amount", "currency", "step"),
    [
        (500_000, "CNY", "accept_return"),
        (500_001, "CNY", "escalate"),
        (100_000, "CHF", "accept_return"),
        (100_001, "CHF", "escalate"),
        (None, None, "accept_return"),
    ],
)
def test_a_missed_inspection_refunds_up_to_the_limit_only(amount, currency, step):
    assert load("default").consequence("inspection", amount=amount, currency=currency) == step


def test_working_days_are_those_of_the_policys_calendar():
    friday = datetime(2026, 2, 13, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

    # Saturday the 14th is worked, then comes the Spring Festival up to the 23rd.
    assert load("douyin").due("ruling", friday) == datetime(2026, 2, 25, 2, tzinfo=UTC)
    assert load("default").due("ruling", friday) == datetime(2026, 2, 20, 2, tzinfo=UTC)


def test_extra_days_of_a_policy_count():
    policy = parse(
        small("extra_working_days = [2026-03-07]", "extra_holidays = [2026-03-03, 2026-03-04]")
    )

    assert policy.due("approval", MONDAY) == datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
    assert policy.due("ruling", MONDAY) == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_reminders_of_a_clock_are_moments_between_its_start_and_its_end():
    policy = load("default")
    due = policy.due("seller_response", MONDAY)

    reminders = policy.reminders("seller_response", MONDAY, due)

    assert [at - MONDAY for at in reminders] == [
        timedelta(hours=24),
        timedelta(hours=38, minutes=24),
        timedelta(hours=47),
    ]


@pytest.mark.parametrize(
    ("facts", "terms"),
    [
        ({"reason": "quality", "amount": 99_999}, {}),
        ({"reason": "quality", "amount": 100_000}, {"amount": 8}),
        ({"reason": "quality", "amount": 500_000}, {"amount": 24}),
        ({"reason": "unsafe", "amount": 1, "repeat": True}, {"harm": 48, "repeat": 8}),
        ({"reason": "other", "amount": 1, "vulnerable": True}, {"vulnerable": 24}),
    ],
)
def test_a_dispute_is_ranked_by_named_bonuses(facts, terms):
    assert load("default").rank_bonuses(currency="CNY", **facts) == terms
