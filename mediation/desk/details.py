"""What an event tells besides its sentence: reason, remedy, money, parcels, people."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as text

from mediation.desk import showing, words


@dataclass(frozen=True, kw_only=True)
class Told:
    """An event's payload, with what is needed to put it in words."""

    payload: dict[str, Any]
    currency: str
    names: dict[str, str]  # of our people, by the pseudonym that events know them by

    def details(self) -> Iterator[str]:
        """Say it in a few words each."""
        for key, shown in DETAILS.items():
            if self.payload.get(key):
                yield from shown(self, self.payload[key])


def _reason(told, code):
    taken_over = told.payload["name"] == "take_over"
    yield words.say(words.TAKE_OVER, code) if taken_over else words.reason(code)


def _detail(_told, code):
    yield words.detail(code)


def _remedy(_told, code):
    yield words.remedy(code)


def _money(told, amount):
    yield showing.money(amount, told.currency)


def _amounts(told, by_line):
    yield showing.money(sum(by_line.values()), told.currency)


def _compensation(told, amount):
    yield text("compensation %s") % showing.money(amount, told.currency)


def _settled(told, amount):
    yield text("settled at %s") % showing.money(amount, told.currency)


def _parcel(_told, code):
    yield words.say(words.PARCELS, code)


def _asked(_told, slots):
    for side, keys in slots.items():
        yield f"{words.say(words.ROLES, side)}: {_listed(keys)}"


def _evidence(_told, keys):
    yield _listed(keys)


def _clock(told, clock):
    if isinstance(clock, str):  # of a reminder or an extension; one that ended is told
        yield words.say(words.CLOCKS, clock)
        if told.payload.get("party") in words.ROLES:
            yield words.say(words.ROLES, told.payload["party"])


def _extended(told, clock):
    yield words.say(words.CLOCKS, clock)
    yield text("%d hours") % told.payload["hours"]


def _side(told, code):
    if code != told.payload["role"]:
        yield words.say(words.ROLES, code)


def _person(told, person):
    yield told.names.get(person, person)


def _outcome(_told, code):
    yield words.say(words.OUTCOMES, code)


def _code(_told, code):
    yield words.say(words.PAYING, code)


def _advance(_told, _id):
    yield text("paid before the ruling is final")


def _recoveries(told, owed):
    for each in owed:
        yield text("%(debtor)s owes %(creditor)s %(amount)s") % {
            "debtor": words.say(words.ROLES, each["debtor"]),
            "creditor": words.say(words.ROLES, each["creditor"]),
            "amount": showing.money(each["amount"], told.currency),
        }


def _listed(slots):
    return text(", ").join(words.slot(key) for key in slots)


DETAILS = {
    "reason": _reason,
    "detail": _detail,
    "remedy": _remedy,
    "amount": _money,
    "amounts": _amounts,
    "refund_amount": _money,
    "compensation": _compensation,
    "settled_at": _settled,
    "kind": _parcel,
    "asked": _asked,
    "evidence": _evidence,
    "clock": _clock,
    "extended": _extended,
    "side": _side,
    "mediator": _person,
    "outcome": _outcome,
    "refund_code": _code,
    "advance": _advance,
    "recoveries": _recoveries,
}
