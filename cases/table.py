"""How a row of the tables in `lifecycle.py` and `dispute.py` is declared, and how it is read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, cast

from django.db.models import Model
from django_fsm import RETURN_VALUE, transition

from cases.refusals import Refused


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What the writer must know of one step besides its method.

    Entering a state starts its clocks and leaving it ends them (cases/clocks.py). Besides:
    `restarts` names clocks of a step that stays where it is; with `resumes` a clock that stands
    still goes on instead of starting in full; `holds` makes all clocks stand still. `also` maps
    the state reached to the step that goes along on the other machine. `quiet` steps do not
    change the case's `version`.
    """

    by: tuple[str, ...]
    restarts: tuple[str, ...] = ()
    resumes: bool = False
    holds: bool = False
    also: Mapping[str, str] = field(default_factory=dict)
    counts: str = ""  # the counter that bounds every cycle through this step
    quiet: bool = False
    while_held: bool = False  # may be taken while a chargeback holds the case


class Condition(Protocol):
    """What must hold before a step; `refusal` and `message` are for who hears that it does not."""

    refusal: type[Refused]
    message: str

    def __call__(self, machine: Any, /) -> bool: ...


def condition(refusal: type[Refused], message: str) -> Callable[[Callable[[Any], bool]], Condition]:
    """Name what a person is told when a condition of a step does not hold."""

    def name(holds: Callable[[Any], bool]) -> Condition:
        named = cast("Condition", holds)
        named.refusal, named.message = refusal, message
        return named

    return name


def step(
    *,
    by: Iterable[str],
    start: Iterable[str],
    to: Any,
    when: Iterable[Condition] = (),
    restarts: Iterable[str] = (),
    **rule: Any,
) -> Callable[[Callable], Callable]:
    """Declare one step: who takes it, from where to where, and what else the writer must know."""
    declared = Rule(by=tuple(by), restarts=tuple(restarts), **rule)
    return transition(
        field="state",
        source=list(start),
        target=to,
        conditions=list(when),
        permission=lambda _machine, actor: actor.role in declared.by,
        custom={"rule": declared},
    )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step as the tables tell it: name, sources, targets (none: it stays), rule."""

    name: str
    sources: frozenset[str]
    targets: tuple[str, ...]
    rule: Rule
    conditions: tuple[Condition, ...]
    doc: str


@cache
def steps_of(machine: type[Model]) -> dict[str, Step]:
    """Read all steps of a machine (a model with an FSM field named `state`), by name."""
    found: dict[str, Step] = {}
    state: Any = machine._meta.get_field("state")
    for transition_ in state.get_all_transitions(machine):
        name = transition_.method.__name__
        before = found[name].sources if name in found else frozenset()
        found[name] = Step(
            name=name,
            sources=before | {str(transition_.source)},
            targets=targets(transition_),
            rule=transition_.custom["rule"],
            conditions=tuple(transition_.conditions),
            doc=(transition_.method.__doc__ or "").strip(),
        )
    return found


def targets(transition_: Any) -> tuple[str, ...]:
    """List the states a transition may lead to: `RETURN_VALUE(...)` is an object with several."""
    if isinstance(transition_.target, RETURN_VALUE):
        return tuple(str(state) for state in transition_.target.allowed_states)
    return (str(transition_.target),) if transition_.target else ()
