"""What fields of an input ask of one another, as JSON Schema (2020-12) says it: `if` and `then`."""

from collections.abc import Collection
from typing import Any

from cases.details import DETAILS, Detail
from cases.reasons import REASONS, REMEDIES, Demand, refusals_for

Schema = dict[str, Any]

COMPENSATED = [key for key, row in REMEDIES.items() if row.pays == "compensation"]
PAID_BACK = [key for key, row in REMEDIES.items() if row.pays == "refund"]
RETURNED = [key for key, row in REMEDIES.items() if row.returns]
STATED = "statement"  # the slot that is filled by the typed words


def when(
    field: str,
    values: Collection[str],
    then: Schema,
    otherwise: Schema | None = None,
    *,
    optional: bool = False,
) -> Schema:
    """Say what follows when a field has one of some values, and what otherwise.

    :param optional: the field may be left out; then nothing follows
    """
    condition: Schema = {"properties": {field: {"enum": list(values)}}}
    rule = {"if": condition | ({"required": [field]} if optional else {}), "then": then}
    return rule if otherwise is None else rule | {"else": otherwise}


def of_application() -> list[Schema]:
    """What follows from the remedy, and from the reason: its remedies and evidence."""
    no_amounts = {"properties": {"items": {"items": {"properties": {"amount": False}}}}}
    return [
        *_of_compensation(),
        when("remedy", PAID_BACK, {}, no_amounts),
        *(
            when("reason", [row.key], {"properties": {"remedy": {"enum": list(row.remedies)}}})
            for row in REASONS.values()
        ),
        *(_evidence("reason", row) for row in REASONS.values() if _demanded(row)),
        *(_detail(row) for row in DETAILS.values()),
    ]


def _detail(row: Detail) -> Schema:
    """Say which reasons a detail goes with, and what it asks for."""
    then = {"properties": {"reason": {"enum": list(row.of)}}}
    proof = demanding(row)
    properties = then["properties"] | proof.get("properties", {})
    return when("detail", [row.key], proof | {"properties": properties}, optional=True)


def of_proof() -> list[Schema]:
    """What proves a complaint is a file of ours, or the hash of one elsewhere."""
    here = {"if": {"required": ["file"]}, "then": {"properties": {"sha256": False}}}
    return [here | {"else": {"required": ["sha256"]}}]


def of_offer() -> list[Schema]:
    """What follows from the remedy that is offered."""
    return [
        *_of_compensation(),
        when(
            "remedy",
            PAID_BACK,
            {"required": ["items"], "properties": {"items": {"minItems": 1}}},
            {"properties": {"items": {"maxItems": 0}}},
        ),
        when("remedy", RETURNED, {"required": ["freight_payer"]}),
    ]


def _of_compensation():
    rule = _only_if("remedy", COMPENSATED, "compensation")
    return [rule, when("remedy", COMPENSATED, {}, {"properties": {"medium": False}})]


def of_refusal(step: str) -> list[Schema]:
    """The evidence that each reason of a step that says no asks for."""
    return [_evidence("reason", row) for row in refusals_for(step) if _demanded(row)]


def _only_if(field, values, other):
    return when(field, values, {"required": [other]}, {"properties": {other: False}})


def _demanded(row: Demand) -> list[list[str]]:
    """List what must be there: of each inner list one slot."""
    each = [[slot] for slot in row.required]
    sets = [*each, [*row.one_of]] if row.one_of else each
    return [slots for slots in sets if STATED not in slots]


def demanding(row: Demand) -> Schema:
    """Ask for the evidence that something demands; nothing if words will do."""
    contains = [{"contains": {"properties": {"slot": {"enum": slots}}}} for slots in _demanded(row)]
    if not contains:
        return {}
    return {"required": ["evidence"], "properties": {"evidence": {"allOf": contains}}}


def _evidence(field, row):
    return when(field, [row.key], demanding(row))
