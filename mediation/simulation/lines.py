"""One readable line for each thing that happens."""

import json
from datetime import datetime, timedelta

from rich.text import Text

from cases import money
from cases.clocks import CLOCKS
from cases.reasons import REASONS, REMEDIES
from mediation.simulation.feed import Happening, Post

# What a clock that ran out means, by its name; {} is its length, {party} the side it ran for.
SILENCE = {
    "seller_response": "seller silent for {}",
    "offer_reply": "offer unanswered for {}",
    "reapply_window": "refusal let stand for {}",
    "ship_back": "nothing sent back for {}",
    "return_transit": "return on its way for {}",
    "inspection": "return delivered {} ago and not looked at",
    "dispatch": "nothing dispatched for {}",
    "replacement_receipt": "no complaint for {}",
    "refund_settlement": "refund not settled for {}",
    "aftercare": "{} after the end",
    "docket_wait": "nobody took it for {}",
    "ruling": "no ruling for {}",
    "evidence": "{party} handed in nothing for {}",
    "proposal": "proposal unanswered for {}",
    "approval": "ruling not approved for {}",
    "appeal": "no appeal by the {party} for {}",
}
STYLES = {
    "in_mediation": "bold yellow",
    "refunding": "cyan",
    "completed": "bold green",
    "closed": "dim",
    "refused": "red",
}
CHANNELS = {"sms": "SMS", "email": "mail"}
UNITS = {"s": "s", "h": "h", "d": "days", "wd": "working days"}
DAY = timedelta(days=1)


def line(thing: Happening | Post) -> Text:
    """Tell one thing: the time here, the case, what it was, where that leads."""
    if isinstance(thing, Post):
        return _start(thing.at, thing.happening).append(_letters(thing), style="dim")
    told = json.loads(thing.payload)
    text = _start(thing.at, thing).append(_what(thing, told))
    if thing.before != thing.after:
        text.append(" → ").append(words(thing.after), style=STYLES.get(thing.after, "bold"))
    for more in (_money(thing, told), _place(thing, told), _next(told)):
        if more:
            text.append(f"; {more}")
    return text


def words(code: str) -> str:
    """Write a code as words."""
    return code.replace("_", " ")


def span(length: str) -> str:
    """Write a length as people do: "48h" → "48 h", "1d" → "1 day"."""
    number = length.rstrip("shdw")
    unit = UNITS[length.removeprefix(number)]
    return f"{number} {unit.removesuffix('s') if number == '1' and unit != 's' else unit}"


def _start(at: datetime, happening: Happening) -> Text:
    number = f"C-{happening.case_id.hex[-12:].upper()}"  # as Case.number
    return Text(f"{at.astimezone():%H:%M:%S}  ").append(number, style="bold").append("  ")


def _what(thing, told):
    clock = told.get("clock")
    if isinstance(clock, dict):
        silence = SILENCE[clock["name"]].format(span(clock["length"]), party=clock["party"])
        return silence if thing.before != thing.after else f"{silence}: {words(thing.name)}"
    if clock is not None:  # a reminder, or more time
        due = datetime.fromisoformat(told["due_at"]).astimezone()
        whom = told["party"] or CLOCKS[clock].waits_on
        return f"{words(thing.name)} {whom} of {words(clock)}, due {due:%H:%M:%S}"
    about = _about(thing, told)
    return f"{thing.role}: {words(thing.name)}" + (f" ({about})" if about else "")


def _about(thing, told):
    reason, remedy = told.get("reason", ""), told.get("remedy", "")
    parts = [
        REASONS[reason].en if reason in REASONS else words(reason),
        REMEDIES[remedy].en if remedy in REMEDIES else words(remedy),
        _amount(told.get("amount") or sum(told.get("amounts", {}).values()), thing.currency),
    ]
    return ", ".join(part for part in parts if part)


def _amount(minor, currency):
    return f"{money.show(minor, currency)} {currency}" if minor else ""


def _money(thing, told):
    return f"refund of {_amount(told.get('refund_amount'), thing.currency)}" * (
        "refund_amount" in told
    )


def _place(thing, told):
    """Where a dispute that was just opened stands in the docket, and what that is made of."""
    if told.get("also") != "open_dispute" or thing.rank_at is None:
        return ""
    far = abs(thing.rank_at - thing.at) > DAY
    rank = f"{thing.rank_at.astimezone():{'%d %b %H:%M' if far else '%H:%M'}}"
    terms = thing.terms if isinstance(thing.terms, dict) else json.loads(thing.terms or "{}")
    named = [
        f"\N{MINUS SIGN}{hours} h {thing.reason if name == 'harm' else name}"
        for name, hours in terms.items()
    ]
    return f"queued, rank {rank}" + (f" ({', '.join(named)})" if named else "")


def _next(told):
    started = [clock for clock in told.get("clocks_started", []) if clock["name"] != "aftercare"]
    if not started:
        return ""
    clock = started[0]
    return f"{clock['party'] or CLOCKS[clock['name']].waits_on} has {span(clock['length'])}"


def _letters(post):
    sides: dict[str, list[str]] = {}
    for side, channel, address, outcome in sorted(post.sent):
        failed = "" if outcome in {"sent", "captured"} else f" ({outcome})"
        sides.setdefault(side, []).append(f"{CHANNELS.get(channel, channel)} {address}{failed}")
    about = words(post.happening.name)
    return f"letters about {about}: " + ", ".join(
        f"{side} {' + '.join(sent)}" for side, sent in sides.items()
    )
