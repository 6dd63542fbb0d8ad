"""The whole process as data: both machines, every clock, every reason, and a policy."""

from typing import Any

from cases import schemas
from cases.actions import CASE_STEPS, DISPUTE_STEPS
from cases.clocks import CLOCKS, ClockRule
from cases.details import DETAILS
from cases.dispute import OVER, DisputeState
from cases.inputs import FOR
from cases.lifecycle import ENDED, State
from cases.policy import Policy
from cases.reasons import REASONS, REFUSALS, REMEDIES, SLOTS, Demanding, Reason
from cases.table import Step

Data = dict[str, Any]


def process(policy: Policy) -> Data:
    """Describe everything as it holds under a policy."""
    return {
        "machines": {
            "case": _machine(State.values, ENDED, CASE_STEPS),
            "dispute": _machine(DisputeState.values, OVER, DISPUTE_STEPS),
        },
        "clocks": [_clock(rule) for rule in CLOCKS.values()],
        "reasons": [_reason(row) for row in REASONS.values()],
        "details": [{**_row(row), "reasons": row.of} for row in DETAILS.values()],
        "refusals": [{**_row(row), "steps": row.steps} for row in REFUSALS.values()],
        "remedies": [
            {"key": row.key, "en": row.en, "zh": row.zh, "returns": row.returns}
            | {"sends": row.sends, "pays": row.pays}
            for row in REMEDIES.values()
        ],
        "evidence": [
            {"slot": row.key, "en": row.en, "zh": row.zh, "kinds": row.kinds}
            for row in SLOTS.values()
        ],
        "policy": policy.as_data(),
    }


def _machine(states, ended, steps):
    return {
        "states": [str(state) for state in states if state != "new"],
        "ended": [str(state) for state in ended],
        "steps": [_step(step) for step in steps.values()],
    }


def _step(step: Step) -> Data:
    return {
        "name": step.name,
        "what": step.doc.splitlines()[0],
        "by": list(step.rule.by),
        "edges": [{"from": start, "to": to} for start, to in sorted(step.edges)],
        "input_schema": schemas.of_step(step.name) if step.name in FOR else None,
    }


def _clock(rule: ClockRule) -> Data:
    return {
        "name": rule.name,
        "of": rule.of,
        "during": rule.during,
        "stands_still": rule.stands_still,
        "waits_on": rule.waits_on,
        "per_side": rule.per_side,
        "answered_by": rule.answered_by,
        "is_right": rule.is_right,
        "on_expiry": rule.then,
    }


def _row(row: Demanding) -> Data:
    return {"key": row.key, "en": row.en, "zh": row.zh, "evidence": row.evidence}


def _reason(row: Reason) -> Data:
    return {
        **_row(row),
        "fault": row.fault,
        "freight": row.freight,
        "remedies": row.remedies,
        "stages": row.stages,
        "window_from": row.window_from,
        "not_for": row.not_for,
    }
