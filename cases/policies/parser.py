"""Turns policy files into policies. A bad file is refused with every mistake, each by its line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from cases.categories import Category
from cases.clocks import CLOCKS
from cases.conduct import GROUNDS, LADDER, POINTS_LAST, RESTRICTIONS, SIGNALS, VIOLATIONS
from cases.durations import WEEKDAYS, BadCalendar, Calendar, parse_reminder
from cases.durations import parse as parse_length
from cases.policies import terms, values
from cases.policies.lines import Path
from cases.policies.sheet import BadPolicy, Place, Setting, Sheet
from cases.policies.terms import setting
from cases.policy import Policy
from cases.policy_terms import ClockTerms, Conduct, Limits, Rank
from cases.promises import DECLARED
from cases.reasons import REASONS

PENALIZED = {key: row.points for key, row in GROUNDS.items()}
PENALIZED |= {key: row.points for key, row in VIOLATIONS.items()}
COMPLAINTS = {  # how they go: key → what holds where a file does not say it
    "hearing": "72h",
    "review": "5wd",
    "again": "1wd",
    "appeal": "7d",
    "points_last": POINTS_LAST,
}
PAYERS = ("buyer", "seller")  # of the way back
PINS = ("application", "purchase")
OPENERS = ("seller", "service")  # for the buyer; the buyer is held to the window

number = partial(setting, word="value", read=values.count(100))
switch = partial(setting, word="value", read=values.boolean)
duration = partial(setting, word="length", read=values.length)
hours = partial(setting, word="value", read=values.count(values.MOST_HOURS))
amounts = partial(setting, word="", read=values.amounts_for_all)


def listed(item: values.Reader, what: str) -> values.Reader:
    return partial(setting, word="value", read=values.list_of(item, what))


BY_REASON = ("default", *REASONS)
# What a file may say of each kind of goods, named as the marketplace's orders do.
CATEGORY: dict[str, Any] = {
    "request_window": dict.fromkeys(BY_REASON, duration),
    "freight": dict.fromkeys(
        BY_REASON, partial(setting, word="value", read=values.one_of(PAYERS, "payer"))
    ),
    "closed": listed(values.one_of(REASONS, "reason"), "reasons"),
    "evidence": dict.fromkeys(REASONS, partial(setting, word="", read=terms.demand)),
}


def categories(at: Place, raw: Any) -> None:
    """Read the rules of each kind of goods."""
    for name, rules in values.table(at, raw, '{"fresh food" = {closed = ["quality"]}}').items():
        values.pattern(terms.CATEGORY, "category")(at[name], name)
        if isinstance(rules, dict):
            _walk(at[name], rules, CATEGORY)
        else:
            at[name].wrong("must be a table")


# All keys of a file. A dict is a table with exactly these keys; a reader reads what stands there.
SCHEMA: dict[str, Any] = {
    "name": partial(setting, word="", read=values.pattern(r"[a-z][a-z0-9_]{0,49}", "name")),
    "title": partial(setting, word="", read=values.title),
    "inherits": partial(setting, word="", read=values.pattern(r"[a-z][a-z0-9_]{0,49}", "name")),
    "demo": switch,
    "pin": partial(setting, word="value", read=values.one_of(PINS, "moment")),
    "effective_from": partial(setting, word="value", read=values.day),
    "time_zone": partial(setting, word="value", read=values.time_zone),
    "calendar": partial(setting, word="value", read=values.calendar),
    "extra_working_days": listed(values.day, "dates"),
    "extra_holidays": listed(values.day, "dates"),
    "languages": partial(
        setting,
        word="value",
        read=values.some_of(values.pattern(values.LANGUAGE, "language"), "languages"),
    ),
    "no_refuse_reasons": listed(values.one_of(REASONS, "reason"), "reasons"),
    "beyond_window": listed(values.one_of(OPENERS, "role"), "roles"),
    "duplicate_hours": hours,
    "limits": dict.fromkeys(Limits.__dataclass_fields__, number),
    "request_window": dict.fromkeys(BY_REASON, duration),
    "categories": categories,
    "escalation_window": duration,
    "stuck_after": duration,
    "first_reply": duration,
    "clocks": {name: terms.clock(rule) for name, rule in CLOCKS.items()},
    "money": {
        "approval_amount": amounts,
        "auto_refund_limit": amounts,
        "guarantee_per_order": amounts,
        "guarantee_per_seller": amounts,
        "payout_waits_for_appeal": switch,
    },
    "mediation": {
        "appeal": switch,
        "escalate_while_awaiting": switch,
        "missing_evidence": partial(
            setting, word="value", read=values.one_of(("go_on", "lose"), "consequence")
        ),
    },
    "rank": {
        "amount": listed(terms.rank_step, "steps"),
        "harm": partial(setting, word="", read=terms.harm),
        "repeat": hours,
        "vulnerable": hours,
    },
    "promises": dict.fromkeys(DECLARED, switch),
    "complaints": {
        **dict.fromkeys(COMPLAINTS, duration),
        "hearings": number,
        "remind": listed(values.reminder, "reminders"),
    },
    "points": dict.fromkeys(PENALIZED, number),
    "restrictions": dict.fromkeys(RESTRICTIONS, duration),
    "ladder": dict.fromkeys(LADDER, number),
    "signals": dict.fromkeys(SIGNALS, partial(setting, word="", read=terms.figures)),
}

OWN = ("name", "title", "inherits", "effective_from")  # never inherited
# What a file need not say, and what then holds. A key that is new is always one of these: stored
# versions, which do not know it, must stay readable.
OPTIONAL: dict[Path, Any] = {
    ("inherits",): "",
    ("title",): {},
    ("categories",): {},
    ("demo",): False,
    ("pin",): "application",
    ("effective_from",): None,
    ("beyond_window",): ("service",),
    ("duplicate_hours",): 0,
    ("limits", "applications_and_edits"): None,
    ("stuck_after",): parse_length("3d"),
    ("first_reply",): parse_length("24h"),
    ("mediation", "missing_evidence"): "go_on",
    ("money", "guarantee_per_order"): {"default": 0},
    ("money", "guarantee_per_seller"): {"default": 0},
    ("extra_working_days",): (),
    ("extra_holidays",): (),
    ("rank", "harm"): {},
    **{("complaints", name): parse_length(length) for name, length in COMPLAINTS.items()},
    ("complaints", "hearings"): 2,
    ("complaints", "remind"): (parse_reminder("24h"),),
    **{("points", name): points for name, points in PENALIZED.items()},
    **{("restrictions", name): parse_length(row.lasts) for name, row in RESTRICTIONS.items()},
    **{("ladder", name): points for name, points in LADDER.items()},
    **{("signals", name): row.figures for name, row in SIGNALS.items()},
    **{("promises", name): False for name in DECLARED},
    **{("request_window", reason): None for reason in REASONS},
    **{("clocks", name, "extension"): None for name in CLOCKS},
    **{
        ("clocks", name, "counts_from"): next(iter(r.counts_from), "") for name, r in CLOCKS.items()
    },
}


def _required() -> Iterator[Path]:
    for key, inside in SCHEMA.items():
        if key == "clocks":
            for name, rule in CLOCKS.items():
                yield from (("clocks", name, p) for p in ("length", "on_expiry", "remind"))
                yield from (("clocks", name, variant) for variant in rule.variants)
        elif isinstance(inside, dict):
            yield from ((key, name) for name in inside if (key, name) not in OPTIONAL)
        elif (key,) not in OPTIONAL:
            yield (key,)


REQUIRED = tuple(_required())


def read(source: str) -> Sheet:
    """Read one file alone and note its mistakes.

    :raises BadPolicy: it is no TOML
    """
    sheet = Sheet(source)
    sheet.load()
    _walk(sheet.top, sheet.raw, SCHEMA)
    if "name" not in sheet.raw:
        sheet.top.wrong("name is missing")
    return sheet


def _walk(at: Place, raw: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    for key, value in at.known(dict(raw), schema).items():
        inside = schema[key]
        if not isinstance(inside, dict):
            inside(at[key], value)
        elif isinstance(value, dict):
            _walk(at[key], value, inside)
        else:
            at[key].wrong("must be a table")


def build(sheet: Sheet, bases: Sequence[Sheet], version: int = 0) -> Policy:
    """Make a policy of a file and of the files it inherits from, nearest first.

    :raises BadPolicy: with every mistake
    """
    settings: dict[Path, Setting] = {}
    for base in reversed(bases):
        settings |= base.settings
    settings = {path: s for path, s in settings.items() if path[0] not in OWN} | sheet.settings
    if bases or "inherits" not in sheet.raw:  # else it is unknown what the file would inherit
        for path in REQUIRED:
            if path not in settings:
                sheet.top.wrong(f"{'.'.join(map(str, path))} is missing")
    calendar = _calendar(sheet, settings)
    if sheet.mistakes or calendar is None:
        raise BadPolicy(sheet.mistakes)
    return _policy(settings, calendar, version)


def _policy(settings: Mapping[Path, Setting], calendar: Calendar, version: int) -> Policy:
    get = _getter(settings)
    return Policy(
        name=get("name"),
        version=version,
        title=get("title") or {"en": get("name")},
        demo=get("demo"),
        pin=get("pin"),
        effective_from=_midnight(get("effective_from"), calendar),
        calendar=calendar,
        languages=get("languages"),
        limits=Limits(**{name: get("limits", name) for name in SCHEMA["limits"]}),
        request_windows={
            str(path[1]): s.value for path, s in settings.items() if path[0] == "request_window"
        },
        categories=_categories(settings),
        escalation_window=get("escalation_window"),
        stuck_after=get("stuck_after"),
        first_reply=get("first_reply"),
        clocks={name: _clock(name, get) for name in CLOCKS},
        approval_amounts=get("money", "approval_amount"),
        auto_refund_limits=get("money", "auto_refund_limit"),
        guarantees=(get("money", "guarantee_per_order"), get("money", "guarantee_per_seller")),
        payout_waits_for_appeal=get("money", "payout_waits_for_appeal"),
        appeal=get("mediation", "appeal"),
        escalate_while_awaiting=get("mediation", "escalate_while_awaiting"),
        missing_evidence=get("mediation", "missing_evidence"),
        no_refuse_reasons=frozenset(get("no_refuse_reasons")),
        beyond_window=frozenset(get("beyond_window")),
        duplicate_hours=get("duplicate_hours"),
        rank=Rank(**{name: get("rank", name) for name in SCHEMA["rank"]}),
        conduct=_conduct(get),
        promises=frozenset(name for name in DECLARED if get("promises", name)),
        settings=_nested(settings),
    )


def _categories(settings: Mapping[Path, Setting]) -> dict[str, Category]:
    """Gather what is said of each kind of goods; a path is ("categories", kind, part, reason)."""
    found: dict[str, dict[str, Any]] = {}
    for path, kept in settings.items():
        if path[0] == "categories":
            _, kind, part, *reason = path
            parts = found.setdefault(str(kind), {part: {} for part in CATEGORY} | {"closed": ()})
            if reason:
                parts[str(part)][reason[0]] = kept.value
            else:
                parts[str(part)] = kept.value
    return {
        kind: Category(
            windows=parts["request_window"],
            freight=parts["freight"],
            closed=frozenset(parts["closed"]),
            evidence=parts["evidence"],
        )
        for kind, parts in found.items()
    }


def _conduct(get: Any) -> Conduct:
    tables: dict[str, Any] = {
        table: {name: get(table, name) for name in SCHEMA[table]}
        for table in ("points", "restrictions", "ladder", "signals")
    }
    return Conduct(**{name: get("complaints", name) for name in SCHEMA["complaints"]}, **tables)


def _getter(settings: Mapping[Path, Setting]) -> Callable[..., Any]:
    def get(*path: str) -> Any:
        return settings[path].value if path in settings else OPTIONAL.get(path)

    return get


def _calendar(sheet: Sheet, settings: Mapping[Path, Setting]) -> Calendar | None:
    get = _getter(settings)
    extra = [frozenset(get(key)) - {None} for key in ("extra_working_days", "extra_holidays")]
    try:
        return Calendar(get("time_zone") or "UTC", get("calendar") or WEEKDAYS, *extra)
    except BadCalendar as error:  # a day that is free and not free
        own = [key for key in ("extra_holidays", "extra_working_days") if key in sheet.raw]
        sheet.top[own[0]].wrong(str(error))
        return None


def _midnight(day: date | None, calendar: Calendar) -> datetime | None:
    """Tell when a day begins where the policy holds."""
    return datetime.combine(day, time.min, ZoneInfo(calendar.time_zone)) if day else None


def _clock(name: str, get: Any) -> ClockTerms:
    return ClockTerms(
        lengths=get("clocks", name, "length"),
        on_expiry=get("clocks", name, "on_expiry"),
        variants={v: get("clocks", name, v) for v in CLOCKS[name].variants},
        remind=get("clocks", name, "remind"),
        extension=get("clocks", name, "extension"),
        counts_from=get("clocks", name, "counts_from"),
    )


def _nested(settings: Mapping[Path, Setting]) -> dict[str, Any]:
    """Lay the settings out as they stand in a file, each as {"value": …, "tag": …}."""
    tree: dict[Any, Any] = {}
    for path, kept in settings.items():
        if path == ("name",):
            continue
        table = tree
        for key in path[:-1]:
            table = table.setdefault(key, {})
        table[path[-1]] = {"value": kept.data, "tag": kept.tag}
    return tree
