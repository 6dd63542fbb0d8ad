"""What each platform's documents say, state by state, typed from them and not from the files.

`state | setting = value tag`: all that a preset says otherwise than the default, be it the value
or its source: so that all else is the default's. S: the platform's own documentation, W: a weak
source, U: our proposal. A clock that is named alone means its length. In two places a U follows
from another value: a case stays `refused` as long as a mediator may be asked in.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest

from cases import policies
from cases.clocks import CLOCKS
from cases.policies import load, parse
from cases.reasons import REASONS, REMEDIES
from tests.cases import policy_page

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PLACE = {"time_zone", "calendar"}

GOLDEN = {
    "douyin": """
        new                  | request_window.default = 7d W
        new                  | beyond_window = service S
        awaiting_seller      | seller_response = 24h W
        awaiting_seller      | seller_response.on_expiry = escalate W
        inspecting           | inspection = 48h U
        inspecting           | inspection.extension = 1 x 48h U
        awaiting_replacement | dispatch = 5d U
        in_review            | ruling = 3wd U
        gathering            | evidence = 24h U
        ruled                | money.payout_waits_for_appeal = no W
    """,
    "kuaishou": """
        new                  | beyond_window = service S
        awaiting_replacement | dispatch = 5d U
        in_review            | ruling = 7wd W
        refunding            | refund_settlement = 7wd W
    """,
    "taobao": """
        awaiting_seller      | seller_response.on_expiry = approve U
        awaiting_seller      | no_refuse_reasons = seven_day_no_reason S
        inspecting           | inspection.extension = 1 x 3d U
        awaiting_replacement | dispatch = 5d U
        gathering            | evidence = 72h U
    """,
    "pinduoduo": "",
    "xiaohongshu": """
        inspecting           | inspection.extension = 1 x 3d U
    """,
    "jd": """
        awaiting_return      | ship_back = 7d W
        awaiting_return      | ship_back.on_expiry = close W
    """,
    "wechat": """
        new                  | request_window.default = 7d S
        new                  | limits.applications = 5 S
        new                  | limits.applications_and_edits = 5 S
        awaiting_seller      | limits.edits = 4 U
        awaiting_seller      | seller_response = 48h S
        awaiting_seller      | seller_response.on_expiry = approve S
        refused              | reapply_window = 7d S
        refused              | escalation_window = 7d S
        awaiting_return      | ship_back = 7d S
        awaiting_return      | ship_back.on_expiry = close W
        inspecting           | inspection = 10d S
        inspecting           | inspection.on_expiry = accept_return W
        awaiting_replacement | dispatch = 5d U
    """,
    "wechat_miniprogram.v1": """
        awaiting_seller      | seller_response = 72h S
        gathering            | evidence = 72h S
    """,
    "wechat_miniprogram.v2": """
        new                  | effective_from = 2024-03-25 S
        awaiting_seller      | seller_response = 48h S
        gathering            | evidence = 48h S
    """,
    "tiktok_shop": """
        new                  | request_window.default = 15d U
        new                  | limits.applications = 5 W
        awaiting_seller      | limits.edits = 2 W
        awaiting_seller      | seller_response = 48h S
        awaiting_seller      | seller_response.on_expiry = approve S
        refused              | reapply_window = 48h S
        refused              | escalation_window = 48h W
        awaiting_return      | ship_back = 5d S
        awaiting_return      | ship_back.on_expiry = close S
        return_in_transit    | inspection.counts_from = upload S
        inspecting           | inspection = 8d S
        inspecting           | inspection.on_expiry = accept_return S
        inspecting           | inspection.extension = 1 x 8d S
        awaiting_replacement | dispatch = 5d U
        in_review            | ruling = 7wd U
        appealed             | ruling.appealed = 7wd U
        gathering            | limits.evidence_rounds = 1 U
    """,
    "tiktok_shop_th": """
        new                  | request_window.default = 15d S
        new                  | limits.applications = 5 U
        awaiting_seller      | limits.edits = 2 U
        awaiting_seller      | seller_response = 1wd S
        awaiting_seller      | seller_response.on_expiry = approve S
        refused              | reapply_window = 48h U
        refused              | escalation_window = 48h U
        awaiting_return      | ship_back = 5d U
        return_in_transit    | inspection.counts_from = upload U
        inspecting           | inspection = 8d U
        inspecting           | inspection.extension = 1 x 8d U
        awaiting_replacement | dispatch = 5d U
        in_review            | ruling = 7wd U
        appealed             | ruling.appealed = 7wd U
        gathering            | limits.evidence_rounds = 1 U
    """,
    "tiktok_shop_us": """
        new                  | request_window.default = 15d U
        new                  | request_window.not_as_described = 6d W
        new                  | request_window.damaged = 6d W
        new                  | request_window.counterfeit = 14d W
        new                  | request_window.quality = 14d W
        new                  | request_window.lost = 7d W
        new                  | request_window.late = 48h W
        new                  | limits.applications = 5 U
        awaiting_seller      | limits.edits = 2 U
        awaiting_seller      | seller_response.on_expiry = approve U
        refused              | reapply_window = 10d U
        refused              | escalation_window = 10d S
        refused              | limits.mediation_rounds = 2 S
        awaiting_return      | ship_back = 5d U
        return_in_transit    | inspection.counts_from = upload U
        inspecting           | inspection = 8d U
        inspecting           | inspection.extension = 1 x 8d U
        awaiting_replacement | dispatch = 5d U
        in_review            | ruling = 7wd U
        appealed             | ruling.appealed = 7wd U
        gathering            | limits.evidence_rounds = 1 U
        ruled                | appeal = 21d S
    """,
    "shopee": """
        new                  | request_window.default = 15d U
        new                  | limits.applications = 2 U
        awaiting_seller      | limits.edits = 2 U
        awaiting_seller      | seller_response = 2d S
        awaiting_seller      | seller_response.on_expiry = approve S
        negotiating          | offer_reply = 1d S
        refused              | reapply_window = 3d U
        refused              | escalation_window = 3d U
        inspecting           | inspection = 3d U
        in_review            | ruling = 9wd S
        gathering            | limits.evidence_rounds = 1 U
        gathering            | mediation.missing_evidence = lose W
    """,
    "lazada": """
        new                  | request_window.default = 30d U
        new                  | beyond_window = seller, service S
        new                  | limits.applications = 2 U
        awaiting_seller      | limits.edits = 2 U
        awaiting_seller      | seller_response = 2wd S
        awaiting_seller      | seller_response.on_expiry = by value S
        refused              | reapply_window = 48h U
        refused              | escalation_window = 48h U
        awaiting_return      | ship_back = 7d W
        return_in_transit    | return_transit = 20d W
        inspecting           | inspection = 2wd S
        inspecting           | inspection.on_expiry = accept_return S
        gathering            | limits.evidence_rounds = 1 U
        ruled                | mediation.appeal = no S
        ruled                | limits.appeals_per_side = 0 S
    """,
    "lazada_ph": """
        new                  | request_window.default = 30d S
        new                  | beyond_window = seller, service U
        new                  | limits.applications = 2 U
        awaiting_seller      | limits.edits = 2 U
        awaiting_seller      | seller_response = 2wd U
        refused              | reapply_window = 48h U
        refused              | escalation_window = 48h U
        return_in_transit    | return_transit = 25d S
        inspecting           | inspection = 2wd U
        gathering            | limits.evidence_rounds = 1 U
        ruled                | mediation.appeal = no U
        ruled                | limits.appeals_per_side = 0 U
    """,
    "lazada_my_thirdparty": """
        new                  | request_window.default = 30d U
        new                  | beyond_window = seller, service U
        new                  | limits.applications = 2 U
        awaiting_seller      | limits.edits = 2 U
        awaiting_seller      | seller_response = 3d W
        refused              | reapply_window = 48h U
        refused              | escalation_window = 48h U
        awaiting_return      | ship_back = 7d W
        return_in_transit    | return_transit = 20d W
        inspecting           | inspection = 3d W
        gathering            | limits.evidence_rounds = 1 U
        ruled                | mediation.appeal = no U
        ruled                | limits.appeals_per_side = 0 U
    """,
    "aliexpress": """
        new                  | request_window.default = 15d W
        new                  | limits.applications = 1 U
        awaiting_seller      | seller_response = 5d W
        negotiating          | offer_reply = 3d U
        awaiting_return      | ship_back = 10d W
        awaiting_return      | ship_back.on_expiry = close W
        return_in_transit    | return_transit = 30d U
        in_review            | ruling = 7d W
        appealed             | ruling.appealed = 10d W
        gathering            | evidence = 3d U
        proposed             | proposal = 7d U
        ruled                | appeal = 7d W
        ruled                | limits.appeals_per_side = 1 W
    """,
}
GOLDEN["tiktok_shop_vn"] = GOLDEN["tiktok_shop_th"]  # one rule for both countries


def shopee(answer, on_silence, *, ruling="9wd U"):
    """Write a variant of Shopee; what is known of the Philippines only is U elsewhere."""
    return f"""
        new                  | request_window.default = 15d U
        new                  | limits.applications = 2 U
        awaiting_seller      | limits.edits = 2 U
        awaiting_seller      | seller_response = {answer}
        awaiting_seller      | seller_response.on_expiry = {on_silence}
        negotiating          | offer_reply = 1d U
        refused              | reapply_window = 3d U
        refused              | escalation_window = 3d U
        inspecting           | inspection = 3d U
        in_review            | ruling = {ruling}
        gathering            | limits.evidence_rounds = 1 U
        gathering            | mediation.missing_evidence = lose W
    """


GOLDEN |= {
    "shopee_sg": shopee("2d W", "approve W"),
    "shopee_br": shopee("3d W", "approve U"),
    "shopee_mx": shopee("3d W", "approve U"),
    "shopee_cl": shopee("3d W", "approve U"),
    "shopee_my": shopee("2d U", "approve U", ruling="5wd S"),
}


def rows(name):
    """Read the rows of a preset: (state, path, value, tag)."""
    for line in GOLDEN[name].strip().splitlines():
        state, _, rest = line.partition("|")
        setting, _, told = rest.partition(" = ")
        value, tag = told.strip().rsplit(" ", 1)
        yield state.strip(), path_of(setting.strip()), value, tag


def path_of(setting):
    clock, _, part = setting.partition(".")
    return f"clocks.{clock}.{part or 'length'}" if clock in CLOCKS else setting


def shown(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"{value['times']} x {value['length']}"
    if isinstance(value, list):
        return "by value" if isinstance(value[0], dict) else ", ".join(value)
    return str(value)


def read(name):
    """Parse a preset, of the version after the dot where there are several."""
    name, _, version = name.partition(".v")
    return parse(policies.versions_of(name)[int(version or 1) - 1])


def test_there_is_a_preset_for_each_platform_and_country():
    assert policies.names() == tuple(
        sorted({"default", "demo", *(name.partition(".")[0] for name in GOLDEN)})
    )
    assert [len(policies.versions_of(name)) for name in policies.names()] == [
        2 if name == "wechat_miniprogram" else 1 for name in policies.names()
    ]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_preset_says_what_its_sources_say_and_all_else_is_the_defaults(name):
    told = policy_page.differences(read(name), "default")

    assert {
        path: (shown(value), tag) for path, (value, tag) in told.items() if path not in PLACE
    } == {path: (value, tag) for _, path, value, tag in rows(name)}


@pytest.mark.parametrize("name", GOLDEN)
def test_where_a_platform_works_is_our_own_guess(name):
    told = policy_page.settings(read(name))

    assert {told[key][1] for key in PLACE} == {"U"}


@pytest.mark.parametrize("name", GOLDEN)
def test_each_clock_of_a_preset_runs_in_the_state_it_is_told_for(name):
    policy = read(name)
    clocks = [(state, path.split(".")[1]) for state, path, *_ in rows(name) if "clocks." in path]

    assert [(s, clock) for s, clock in clocks if s not in policy.during(clock)] == []


@pytest.mark.parametrize("name", GOLDEN)
def test_a_preset_has_a_name_in_both_languages_and_tells_its_sources(name):
    name, _, version = name.partition(".v")
    source = policies.versions_of(name)[int(version or 1) - 1]

    assert parse(source).title.keys() == {"en", "zh"}
    assert source.startswith("# ")
    assert re.search(r"Sources?( are weak|:)", source.partition("\n\n")[0])


# Silence


def first_days(name, clock):
    """Tell after how many days a clock that starts on a Monday runs out."""
    return (load(name).due(clock, MONDAY) - MONDAY) / timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "clock", "days", "step"),
    [
        ("douyin", "seller_response", 1, "escalate"),
        ("wechat", "seller_response", 2, "approve"),
        ("wechat", "ship_back", 7, "close"),
        ("wechat", "inspection", 10, "accept_return"),
        ("wechat_miniprogram", "seller_response", 2, "escalate"),
        ("jd", "ship_back", 7, "close"),
        ("tiktok_shop", "seller_response", 2, "approve"),
        ("tiktok_shop", "reapply_window", 2, "close"),
        ("tiktok_shop", "ship_back", 5, "close"),
        ("tiktok_shop", "inspection", 8, "accept_return"),
        ("tiktok_shop_vn", "seller_response", 1, "approve"),
        ("tiktok_shop_us", "appeal", 21, "finalize"),
        ("shopee", "seller_response", 2, "approve"),
        ("shopee", "offer_reply", 1, "lapse_offer"),
        ("shopee_br", "seller_response", 3, "approve"),
        ("lazada", "inspection", 2, "accept_return"),
        ("lazada_my_thirdparty", "seller_response", 3, "escalate"),
        ("aliexpress", "seller_response", 5, "escalate"),
        ("aliexpress", "ship_back", 10, "close"),
    ],
)
def test_silence_has_the_platforms_length_and_consequence(name, clock, days, step):
    assert (first_days(name, clock), load(name).consequence(clock)) == (days, step)


def test_thailand_counts_its_own_working_days():
    assert first_days("tiktok_shop_th", "seller_response") == 2  # Tuesday is Makha Bucha


@pytest.mark.parametrize(
    ("facts", "step", "remedy"),
    [
        ({"reason": "not_received", "amount": 9_999}, "approve", "refund_only"),
        ({"reason": "not_received", "amount": 10_000}, "escalate", None),
        ({"reason": "lost", "amount": 10_000}, "escalate", None),
        ({"categories": ["live_animals"], "amount": 9_999}, "approve", "refund_only"),
        ({"categories": ["groceries"], "amount": 10_000}, "escalate", None),
        ({"reason": "quality", "amount": 5_000}, "approve", "refund_only"),
        ({"reason": "quality", "amount": 5_001}, "approve", "return_refund"),
        ({"reason": "empty_parcel", "amount": 5_000}, "approve", "refund_only"),
        ({"reason": "empty_parcel", "amount": 5_001}, "escalate", None),
        ({"reason": "not_received", "amount": 1, "currency": "USD"}, "escalate", None),
        ({"reason": "quality", "amount": 1, "currency": "USD"}, "approve", "return_refund"),
    ],
)
def test_silence_at_lazada_depends_on_amount_reason_and_category(facts, step, remedy):
    outcome = load("lazada").outcome(
        "seller_response", **{"reason": "quality", "currency": "SGD", **facts}
    )

    assert (outcome.then, outcome.remedy) == (step, remedy)


@pytest.mark.parametrize("name", GOLDEN)
def test_silence_never_asks_for_goods_back_that_the_buyer_does_not_have(name):
    policy = read(name)

    returned = {
        reason
        for reason in REASONS
        for amount in (None, 1, 10**9)
        for currency in ("SGD", "CNY")
        for outcome in [
            policy.outcome("seller_response", reason=reason, amount=amount, currency=currency)
        ]
        if outcome.remedy and REMEDIES[outcome.remedy].returns
    }

    assert [r for r in returned if "return_refund" not in REASONS[r].remedies] == []


@pytest.mark.parametrize("name", GOLDEN)
def test_a_case_stays_refused_as_long_as_a_mediator_may_be_asked_in(name):
    policy = read(name)

    assert policy.escalation_window.span == policy.length("reapply_window").span


@pytest.mark.parametrize("name", GOLDEN)
def test_four_eyes_look_at_what_is_dear_in_the_platforms_own_currency(name):
    currency = {"ID": "IDR", "TH": "THB", "VN": "VND", "PH": "PHP", "SG": "SGD", "MY": "MYR"} | {
        "BR": "BRL",
        "MX": "MXN",
        "CL": "CLP",
        "CN": "CNY",
    }
    policy = read(name)
    country = policy.calendar.country

    assert country == "US" or currency[country] in policy.approval_amounts
    assert country == "US" or currency[country] in policy.auto_refund_limits


def test_the_page_about_policies_tells_what_the_files_say():
    assert policy_page.PAGE.read_text(encoding="utf-8") == policy_page.text()
