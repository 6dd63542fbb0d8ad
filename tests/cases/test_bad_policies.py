from datetime import timedelta

import pytest

from cases import policies
from cases.policies import BadPolicy, load, parse


def small(*lines):
    """Write a file that inherits the default and says something more."""
    return "\n".join(['name = "small"', 'inherits = "default"', *lines])


BAD = """\
name = "bad policy"
inherits = "default"
time_zone = "Mars/Olympus"
calendar = "XX"
languages = []
extra_holidays = ["2026-02-14"]
no_refuse_reasons = ["seven_day", "quality", "quality"]
colour = "blue"

[limits]
applications = -1
edits = true
reopn = 1

[request_window]
default = "7 d"
qualty = "14d"

[clocks]
dispatch = {length = "20s", tag = "S"}
ship_back = {LENGTH = "7d"}

# A comment with a key = "value" counts as a line and as nothing else.
seller_respond = {length = "24h"}

[clocks.seller_response]
length = "48x"
on_expiry = [
  {amount_lt = 10.5, do = "approve", remedy = "cash"},
  {reason = ["stolen"], do = "escalate"},
  {amount_lte = {cny = 5}, do = "close"},
]
remind = ["50%", "150%"]

[clocks.inspection]
length = "10d"
tag = "X"
on_expiry = "approve"
extension = {times = 1}

[money]
approval_amount = {CNY = 200000}
auto_refund_limit = 19.90
payout_waits_for_appeal = "yes"

[[rank.amount]]
hours = 8
[[rank.amount]]
from = 0
hours = "8"
""".replace('{\nLENGTH = "7d",\n}', '{LENGTH = "7d"}\n\n')  # TOML 1.0: a table on one line

MISTAKES = [
    (1, "name: 'bad policy' is no name"),
    (3, "time_zone: unknown time zone 'Mars/Olympus'"),
    (4, "calendar: unknown calendar 'XX'"),
    (5, "languages: must name languages"),
    (6, "extra_holidays: '2026-02-14' is no date such as 2026-02-14, without quotation marks"),
    (7, "no_refuse_reasons: 'quality' stands here twice"),
    (7, "no_refuse_reasons: unknown reason 'seven_day'; did you mean 'seven_day_no_reason'?"),
    (8, "colour: unknown key"),
    (11, "limits.applications: -1 is no whole number from 0 to 100"),
    (12, "limits.edits: True is no whole number from 0 to 100"),
    (13, "limits.reopn: unknown key; did you mean 'reopen'?"),
    (16, 'request_window.default: \'7 d\' is no length such as "24h", "7d" or "5wd"'),
    (17, "request_window.qualty: unknown key; did you mean 'quality'?"),
    (20, 'clocks.dispatch.length: \'20s\' is no length such as "24h", "7d" or "5wd"'),
    (21, "clocks.ship_back.LENGTH: unknown key"),
    (24, "clocks.seller_respond: unknown key; did you mean 'seller_response'?"),
    (27, 'clocks.seller_response.length: \'48x\' is no length such as "24h", "7d" or "5wd"'),
    (28, "clocks.seller_response.on_expiry: the last entry must hold without any condition"),
    (29, "clocks.seller_response.on_expiry.amount_lt: must be a table such as {CNY = 20000}"),
    (29, "clocks.seller_response.on_expiry.remedy: unknown remedy 'cash'"),
    (30, "clocks.seller_response.on_expiry.reason: unknown reason 'stolen'"),
    (31, "clocks.seller_response.on_expiry.amount_lte.cny: is no currency code such as CNY"),
    (31, "clocks.seller_response.on_expiry.do: unknown consequence 'close'"),
    (33, 'clocks.seller_response.remind: \'150%\' is no reminder such as "50%" or "6h"'),
    (37, "clocks.inspection.tag: unknown tag 'X'"),
    (38, "clocks.inspection.on_expiry: unknown consequence 'approve'"),
    (39, "clocks.inspection.extension: length is missing"),
    (42, "money.approval_amount: names no default for other currencies"),
    (43, "money.auto_refund_limit: must be a table such as {CNY = 20000}"),
    (44, "money.payout_waits_for_appeal: 'yes' is neither true nor false"),
    (46, "rank.amount: from is missing"),
    (50, "rank.amount.hours: '8' is no whole number from 0 to 8760"),
]


def mistakes(source):
    with pytest.raises(BadPolicy) as refused:
        parse(source)
    return [(mistake.line, mistake.message) for mistake in refused.value.mistakes]


def test_a_bad_file_is_refused_with_every_mistake_at_its_line():
    assert mistakes(BAD) == MISTAKES


def test_a_refusal_reads_line_by_line():
    with pytest.raises(BadPolicy) as refused:
        parse(small("colour = 1", "demo = 2"))

    assert str(refused.value).splitlines() == [
        "line 3: colour: unknown key",
        "line 4: demo: 2 is neither true nor false",
    ]


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ('name = "x"\ntime_zone = ', 2, "Invalid value"),
        ('name = "x"\n\nname = "y"\n', 3, "Cannot overwrite a value"),
        ('name = "x"\n[limits]\n[money]\n[limits]\n', 4, "Cannot declare ('limits',) twice"),
        ('name = "x"\n[limits', 2, "Expected ']' at the end of a table declaration"),
        ('name = "x"\nday = 2026-02-30\n', 2, "Invalid date or datetime"),
        ('name = "x', 1, "Unterminated string"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(source, line, message):
    assert mistakes(source) == [(line, f"no valid TOML: {message}")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = " + "[" * 100_000, "nested too deeply"),
        ("#" * 200_001, "longer than 200000 characters"),
    ],
)
def test_an_absurd_file_is_refused(source, message):
    assert mistakes(source) == [(1, message)]


def test_a_number_of_thousands_of_digits_is_refused():
    assert [line for line, _ in mistakes("x = 1" + "0" * 5_000)] == [1]


def test_a_file_that_inherits_nothing_must_say_everything():
    found = mistakes('name = "short"')

    assert {line for line, _ in found} == {1}
    assert len(found) == 25 + 16 * 3 + 4  # settings, parts of clocks, variants of clocks
    assert found[0] == (1, "calendar is missing")


def test_a_whole_file_needs_no_other():
    source = policies.source_of("default").replace('name = "default"', 'name = "own"')

    assert parse(source).clocks == load("default").clocks
    assert policies.bases_of(source) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('name = "a"\ninherits = "b"', [(2, "inherits: there is no policy 'b'")]),
        (
            'name = "a"\ninherits = "defalt"',
            [(2, "inherits: there is no policy 'defalt'; did you mean 'default'?")],
        ),
        (
            'name = "default"\ninherits = "default"',
            [(2, "inherits: 'default' would inherit from itself")],
        ),
        (
            'name = "default"\ninherits = "douyin"',
            [(2, "inherits: 'default' would inherit from itself")],
        ),
        ('name = "a"\ninherits = ["default"]', [(2, "inherits: list is no name")]),
    ],
)
def test_a_file_inherits_from_a_preset_that_exists(source, found):
    assert mistakes(source) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "clocks.dispatch.on_expiry = [{do = 'escalate'}, {do = 'out_of_stock'}]",
            ["clocks.dispatch.on_expiry: is never reached: the entry before always holds"],
        ),
        (
            "clocks.dispatch.on_expiry = []",
            ["clocks.dispatch.on_expiry: the last entry must hold without any condition"],
        ),
        (
            "clocks.seller_response.on_expiry = [{do = 'escalate', remedy = 'reship'}]",
            ['clocks.seller_response.on_expiry.remedy: goes with do = "approve" only'],
        ),
        (
            "clocks.dispatch.on_expiry = ['escalate']",
            [
                'clocks.dispatch.on_expiry: must be a table such as {amount_lte = 5000, do = "…"}',
                "clocks.dispatch.on_expiry: the last entry must hold without any condition",
            ],
        ),
        (
            "clocks.dispatch.on_expiry = [{reason = [], do = 'escalate'}, {do = 'escalate'}]",
            ["clocks.dispatch.on_expiry.reason: must name reasons"],
        ),
        (
            "clocks.dispatch.tag = 'S'",
            ["clocks.dispatch.tag: is the tag of length, which is not here"],
        ),
        ("clocks = 1", ["clocks: must be a table"]),
        (
            "clocks.dispatch = '5d'",
            ['clocks.dispatch: must be a table such as {length = "24h", tag = "W"}'],
        ),
        (
            "clocks.ruling.appealed = {length = '5wd', tags = 'S'}",
            ["clocks.ruling.appealed.tags: unknown key; did you mean 'tag'?"],
        ),
        (
            "money.approval_amount = {default = -1}",
            ["money.approval_amount.default: -1 is no whole number from 0 to 1000000000000"],
        ),
        (
            "money.approval_amount = true",
            ["money.approval_amount: must be a table such as {CNY = 20000}"],
        ),
        (
            "extra_holidays = [2026-03-03]\nextra_working_days = [2026-03-03]",
            ["extra_holidays: 2026-03-03 is both a working day and a holiday"],
        ),
        (
            "extra_holidays = [2026-03-03 09:00:00]",
            ["extra_holidays: datetime is no date such as 2026-02-14, without quotation marks"],
        ),
        ("title = {en = ''}", ["title.en: must be a text"]),
        (
            "clocks.dispatch.on_expiry = [{category = [' '], do = 'escalate'}, {do = 'escalate'}]",
            ["clocks.dispatch.on_expiry.category: ' ' is no category"],
        ),
        (
            "clocks.dispatch.on_expiry = [{category = [], do = 'escalate'}, {do = 'escalate'}]",
            ["clocks.dispatch.on_expiry.category: must name categories"],
        ),
        (
            "clocks.inspection.counts_from = 'uploads'",
            ["clocks.inspection.counts_from: unknown beginning 'uploads'; did you mean 'upload'?"],
        ),
        ("clocks.dispatch.counts_from = 'upload'", ["clocks.dispatch.counts_from: unknown key"]),
        (
            "mediation.missing_evidence = 'loose'",
            [
                "mediation.missing_evidence: unknown consequence 'loose'; did you mean 'lose'?",
            ],
        ),
        (
            "categories.'fresh food' = {closed = ['stolen'], freight = {qualty = 'us'}}",
            [
                "categories.fresh food.closed: unknown reason 'stolen'",
                "categories.fresh food.freight.qualty: unknown key; did you mean 'quality'?",
            ],
        ),
        (
            "categories.food.evidence.quality = {one_of = ['smell']}",
            ["categories.food.evidence.quality.one_of: unknown slot 'smell'"],
        ),
        ("categories.food = 1", ["categories.food: must be a table"]),
        ("beyond_window = ['buyer']", ["beyond_window: unknown role 'buyer'"]),
        (
            "effective_from = '2024-03-25'",
            ["effective_from: '2024-03-25' is no date such as 2026-02-14, without quotation marks"],
        ),
        (
            "rank.harm = {quality = -1, bad = 1}",
            [
                "rank.harm.bad: unknown key",
                "rank.harm.quality: -1 is no whole number from 0 to 8760",
            ],
        ),
    ],
)
def test_a_mistake_is_named(line, found):
    assert mistakes(small(line)) == [(3, message) for message in found]


def test_only_the_file_that_is_a_demo_may_count_in_seconds():
    seconds = 'clocks.dispatch.length = "20s"'

    assert parse(small("demo = true", seconds)).length("dispatch").span == timedelta(seconds=20)
    assert mistakes(small("demo = false", seconds)) == [
        (4, 'clocks.dispatch.length: \'20s\' is no length such as "24h", "7d" or "5wd"')
    ]
