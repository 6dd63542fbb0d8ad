"""What a step asks for, narrowed to one case: what may be named is listed, or said outright."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cases import applications, demands, schemas, terms
from cases.dependent import demanding, when
from cases.details import DETAILS
from cases.reasons import REASONS, REMEDIES
from cases.refusals import Refused

if TYPE_CHECKING:
    from cases.models import Case

Schema = dict[str, Any]


def of_step(step: str, case: "Case") -> Schema:
    """Give the schema of what a step asks for in a case.

    :param case: with its facts and the actor who asks
    """
    found = _narrowed(schemas.of_step(step), case)
    return CHOICES[step](found, case, step) if step in CHOICES else found


def _narrowed(schema, case):
    found = dict(schema)
    if "items" in found:
        found["items"] = _narrowed(found["items"], case)
    if "properties" in found:
        found["properties"] = {
            name: inner | NAMED[name](case) if name in NAMED else _narrowed(inner, case)
            for name, inner in found["properties"].items()
        }
    return found


def _with_reasons(schema, case, kind):
    """Name the reasons and remedies that may be applied for with the goods of the case."""
    left = {key: _remedies(case, kind, key) for key in REASONS}
    left = {key: remedies for key, remedies in left.items() if remedies}
    rules = [
        when("reason", [key], {"properties": {"remedy": {"enum": remedies}}})
        for key, remedies in left.items()
    ]
    rules += [when("reason", [key], proof) for key in left for proof in _proofs(case, key)]
    details = [row.key for row in DETAILS.values() if not left.keys().isdisjoint(row.of)]
    named = {
        "reason": schema["properties"]["reason"] | {"enum": list(left)},
        "detail": schema["properties"]["detail"] | {"enum": details} if details else False,
    }
    return schema | {
        "properties": schema["properties"] | named,
        "allOf": [*schema["allOf"], *rules],
    }


def _proofs(case, reason):
    """Ask for what the kinds of goods demand besides."""
    facts = case.facts
    return [demanding(one) for one in demands.of_kinds(facts.policy, reason, facts.kinds())]


def _with_terms(schema, case, _step):
    """Offer no refund when nothing is left to give back, and nothing for longer than it may be."""
    remedy, hours = (schema["properties"][name] for name in ("remedy", "hours"))
    if not any(terms.most(item) for item in case.facts.items):
        left = [key for key in remedy["enum"] if REMEDIES[key].pays != "refund"]
        remedy = remedy | {"enum": left}
    longest = case.facts.due("offer_reply") - case.facts.at
    hours = hours | {"maximum": longest // timedelta(hours=1)}
    return schema | {"properties": schema["properties"] | {"remedy": remedy, "hours": hours}}


def _remedies(case, kind, reason):
    return [remedy for remedy in REASONS[reason].remedies if _is_open(case, kind, reason, remedy)]


def _is_open(case, kind, reason, remedy):
    items = [
        {"line": item.line_id, "quantity": item.quantity, "amount": None}
        for item in case.facts.items
    ]
    some = int(REMEDIES[remedy].pays == "compensation")
    try:
        applications.check_reason(case, reason, remedy, items)
        applications.check_goods(case, kind, reason, remedy, items, some)
    except Refused:
        return False
    return True


CHOICES: dict[str, Callable[[Schema, "Case", str], Schema]] = {
    "amend": _with_reasons,
    "split": _with_reasons,
    "reapply": _with_reasons,
    "offer": _with_terms,
    "counter_offer": _with_terms,
}


def _lines(case):
    return {"enum": [item.line.ref for item in case.facts.items]}


def _id(row):
    return {} if row is None else {"const": str(row.id)}


def _version(case):
    return {} if case.facts.offer is None else {"const": case.facts.offer.version}


NAMED: dict[str, Callable[["Case"], Schema]] = {
    "line": _lines,
    "currency": lambda case: {"const": case.currency},
    "offer": lambda case: _id(case.facts.offer),
    "version": _version,
    "proposal": lambda case: _id(case.facts.proposal),
    "refund": lambda case: _id(case.facts.refund),
    # A bank cannot take back what is on its way.
    "lost": lambda case: {"const": False} if case.state == "refunding" else {},
}
