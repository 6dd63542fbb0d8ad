"""What scripted people say when they take a step: one row per step, made from what is possible.

Each row looks at the facts that the writer has loaded and asks chance for the rest. None means
that there is nothing to say now, so that another step is chosen.
"""

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import uuid4

from cases import extensions, terms
from cases.actors import Actor
from cases.models import Case
from cases.reasons import DELIVERED, REASONS, REMEDIES, refusals_for
from cases.roles import Role
from mediation.stepping import LEASE

Inputs = dict[str, Any]
Answer = Callable[[Case, Actor, Random], Inputs | None]

CARRIERS = ("correios", "jadlog", "loggi")
RULES = ("delivery", "as-described", "return-of-goods", "proof")
HANDED_IN = ("tracking", "chat", "photo_goods", "payment_record")
# What a buyer turns to when the goods have come after all.
AFTER_DELIVERY = {"not_received": "signed_not_received", "lost": "signed_not_received"}


def application(lines: list[Any], reason: str, words: str, chance: Random) -> Inputs:
    """Fill in an application for lines of an order."""
    remedies = REASONS[reason].remedies
    [remedy] = chance.choices(remedies, [1 + bool(REMEDIES[key].sends) for key in remedies])
    filled: Inputs = {
        "reason": reason,
        "remedy": remedy,
        "statement": words,
        "items": [_item(line, chance) for line in lines],
        "evidence": _proof(REASONS[reason]),
    }
    if REMEDIES[remedy].pays == "compensation":
        worth = sum(line.paid for line in lines)
        filled["compensation"] = max(1, worth * chance.choice([10, 20, 50]) // 100)
    return filled


def _lines(case):
    """The lines of a case, in an order that holds no chance, as ids do."""
    return sorted((item.line for item in case.facts.items), key=lambda line: line.ref)


def _item(line, chance):
    some = chance.random() < 0.3 and line.quantity > 1  # noqa: PLR2004
    return {"line": line.id, "quantity": line.quantity - some, "amount": None}


def _proof(row):
    return [{"slot": slot} for slot in (*row.required, *row.one_of[:1]) if slot != "statement"]


def _apply_again(case, _actor, chance):
    reason = case.reason
    if case.facts.stage == DELIVERED and DELIVERED not in REASONS[reason].stages:
        reason = AFTER_DELIVERY.get(reason, "other")
    return application(_lines(case), reason, "Veja as novas fotos.", chance)


def _take_out(case, actor, chance):
    """One piece of the first line that somebody claims."""
    asked = _apply_again(case, actor, chance)
    return asked | {"items": [asked["items"][0] | {"quantity": 1}]}


def _refuse(step):
    def say(case: Case, _actor: Actor, chance: Random) -> Inputs:
        row = chance.choice(refusals_for(step))
        if step == "refuse" and case.facts.stage == DELIVERED and "receive" in case.reason:
            row = next(row for row in refusals_for(step) if row.key == "delivered_to_buyer")
        return {"reason": row.key, "statement": "Não concordo.", "evidence": _proof(row)}

    return say


def _terms(case, chance, *remedies):
    """Terms that add up now; None: nothing is left to give."""
    left = {item.line_id: terms.most(item) for item in case.facts.items}
    remedy = chance.choice(remedies)
    pays = REMEDIES[remedy].pays if remedy in REMEDIES else ""
    if pays == "compensation":
        return {
            "remedy": remedy,
            "compensation": max(1, sum(left.values()) // 5),
            "payer": "seller",
        }
    if pays != "refund":
        return {"remedy": remedy}
    percent = chance.choice([30, 50, 80, 100])
    amounts = {line: most * percent // 100 for line, most in left.items()}
    return {"remedy": remedy, "amounts": amounts} if any(amounts.values()) else None


def _offer(case, _actor, chance):
    return _terms(case, chance, "refund_only", "refund_only", "return_refund", "compensation")


def _counter(case, actor, chance):
    quoted, offered = _the_offer(case, actor, chance), _offer(case, actor, chance)
    return quoted and offered and offered | quoted


def _the_offer(case, _actor, _chance):
    if case.facts.at >= case.facts.offer.expires_at:
        return None
    return {"offer": case.facts.offer.id, "version": case.facts.offer.version}


def _parcel(case, _actor, chance):
    number = f"BR{case.id.hex[-8:].upper()}{chance.randrange(10**6):06}"
    return {"carrier": chance.choice(CARRIERS), "tracking_no": number}


def _outside(case, _actor, chance):
    lines = [line for line in _lines(case) if line.left > 0]
    if not lines:
        return None
    line = chance.choice(lines)
    return {"line": line.id, "amount": max(1, line.left * chance.choice([20, 100]) // 100)}


def _chargeback_closed(case, _actor, chance):
    return {"lost": case.state != "refunding" and chance.random() < 0.3}  # noqa: PLR2004


def _lease(case, _actor, _chance):
    return {"lease": uuid4(), "until": case.facts.at + LEASE}


def _assign(case, actor, chance):
    judges = [person for person in JUDGES if person not in case.facts.docket.excluded]
    if case.facts.dispute.instance > 1:
        judges = [person for person in judges if person.startswith(Role.SENIOR)]
    if not judges:
        return None
    return _lease(case, actor, chance) | {"mediator": chance.choice(judges)}


def _triage(case, _actor, chance):
    entry = case.facts.docket
    hours = chance.choice([24, -12]) - entry.terms.get("supervisor", 0)
    place = {"hours": hours, "skill": entry.skill, "language": entry.language}
    return place | {"statement": "Este caso primeiro."} if hours else None


def _ask(_case, _actor, chance):
    sides = chance.choice([["buyer"], ["seller"], ["buyer", "seller"]])
    return {"requests": {side: ["tracking"] for side in sides}, "statement": "Quem tem a prova?"}


def _give_time(case, _actor, chance):
    sides = [side for side in ("buyer", "seller") if extensions.left(case, side)]
    return {"side": chance.choice(sides), "hours": 24, "statement": "Faltou luz."}


def _hand_in(_case, _actor, chance):
    evidence = [{"slot": chance.choice(HANDED_IN)}]
    return {"statement": "Segue o que tenho.", "evidence": evidence}


def _propose(case, _actor, chance):
    proposed = _terms(case, chance, "refund_only", "return_refund", "compensation")
    return proposed and proposed | {"statement": "Assim termina já."}


def _proposal(case, _actor, _chance):
    return {"proposal": case.facts.proposal.id}


def _bid(case, _actor, chance):
    most = sum(terms.most(item) for item in case.facts.items)
    return {"amount": max(1, most * chance.choice([30, 50, 70]) // 100)} if most else None


def _rule(case, _actor, chance):
    remedies = ["refund_only", "refund_only", "return_refund", terms.NOTHING]
    if any(parcel.kind == "return" for parcel in case.facts.parcels):
        remedies = ["refund_only", terms.SEND_BACK]  # the goods have been sent
    ruled = _terms(case, chance, *remedies) or {"remedy": terms.NOTHING}
    fault = {"seller": 100} if ruled.get("amounts") else {"buyer": 100}
    if chance.random() < 0.3:  # noqa: PLR2004
        fault = {"seller": 50, "carrier": 50}
    words = {"rule": chance.choice(RULES), "evidence": [], "statement": "Pelos fatos e pela regra."}
    return ruled | words | {"fault": fault}


def _says(words: str) -> Answer:
    return lambda _case, _actor, _chance: {"statement": words}


def _nothing(_case, _actor, _chance):
    return {}


JUDGES = ("mediator-1", "mediator-2", "mediator-3", "senior-1", "senior-2", "senior-3")

FOR: dict[str, Answer] = {
    "amend": _apply_again,
    "reapply": _apply_again,
    "split": _take_out,
    "withdraw": _nothing,
    "approve": _nothing,
    "refuse": _refuse("refuse"),
    "offer": _offer,
    "counter_offer": _counter,
    "decline_offer": _the_offer,
    "accept_offer": _the_offer,
    "ship_return": _parcel,
    "correct_tracking": _parcel,
    "return_delivered": _nothing,
    "return_lost": _nothing,
    "accept_return": _nothing,
    "reject_return": _refuse("reject_return"),
    "dispatch_replacement": _parcel,
    "out_of_stock": _nothing,
    "replacement_delivered": _nothing,
    "replacement_lost": _nothing,
    "confirm_replacement": _nothing,
    "reject_replacement": _refuse("reject_replacement"),
    "take_extension": _nothing,
    "ask_extension": lambda _case, _actor, chance: {"hours": chance.choice([12, 24, 48])},
    "grant_extension": _nothing,
    "give_extension": _give_time,
    "escalate": _nothing,
    "take_over": lambda _c, _a, _r: {"reason": "platform", "statement": "De ofício."},
    "hand_back": _says("Falem primeiro um com o outro."),
    "settle_by_hand": _says("Pago por transferência."),
    "order_cancelled": _nothing,
    "record_outside_refund": _outside,
    "chargeback_opened": _nothing,
    "chargeback_closed": _chargeback_closed,
    "rate": lambda _case, _actor, chance: {"score": chance.randint(1, 5)},
    "reopen": _says("Não resolveu."),
    "reinstate": _says("Vamos olhar de novo."),
    "claim": _lease,
    "assign": _assign,
    "release": _nothing,
    "triage": _triage,
    "ask_evidence": _ask,
    "hand_in": _hand_in,
    "propose": _propose,
    "accept_proposal": _proposal,
    "decline_proposal": _proposal,
    "bid": _bid,
    "rule": _rule,
    "approve_ruling": lambda case, _a, _r: {"sha256": case.facts.ruling.sha256},
    "send_back": _says("Falta a prova."),
    "appeal": _says("A decisão ignora a prova."),
    "waive_appeal": _nothing,
}
