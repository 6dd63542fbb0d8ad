"""How a row of the tables in `lifecycle.py` and `dispute.py` is declared, and how it is read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Protocol, cast

from django_fsm import RETURN_VALUE, FSMField, FSMFieldDescriptor, transition

from cases.refusals import Refused

AUTOMATIC = frozenset({"clock", "case", "dispute"})  # roles of nobody who asks
SAME = "="  # as a target: the state in which the step is taken


class StateDescriptor(FSMFieldDescriptor):
    """What `case.state` asks: the writer does so dozens of times a step."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Read the state from where it lies; of a class, or not loaded, as django-fsm does it."""
        try:
            return instance.__dict__[self.field.name]
        except (AttributeError, KeyError):
            return super().__get__(instance, owner)


class StateField(FSMField):
    """An FSM field that is read without ceremony."""

    descriptor_class = StateDescriptor

    def get_state(self, instance: Any) -> Any:
        """Read the state; one that was not loaded is fetched as django-fsm does it."""
        try:
            return instance.__dict__[self.name]
        except KeyError:
            return super().get_state(instance)

    def deconstruct(self) -> Any:
        """Tell migrations of the field they know: nothing of it is stored otherwise."""
        name, _, args, options = super().deconstruct()
        return name, "django_fsm.FSMField", args, options


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
    light: bool = False  # looks neither at the goods nor at the money
    while_held: bool = False  # may be taken while a chargeback holds the case
    adds_up: bool = False  # looks at what the order's other cases got: one of them at a time


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
    to: str | Iterable[str] | Mapping[str, str | Iterable[str]],
    when: Iterable[Condition] = (),
    restarts: Iterable[str] = (),
    **rule: Any,
) -> Callable[[Callable], Callable]:
    """Declare one step: who takes it, from where to where, and what else the writer must know.

    :param to: one state; several, of which the method returns one; or either for each start.
        `SAME` is the state in which the step is taken
    """
    declared = Rule(by=tuple(by), restarts=tuple(restarts), **rule)

    def declare(method: Callable) -> Callable:
        for source in start:
            method = transition(
                field="state",
                source=source,
                target=_target(source, to),
                conditions=list(when),
                permission=lambda _machine, actor: actor.role in declared.by,
                custom={"rule": declared},
            )(method)
        return method

    return declare


def _target(source, to):
    if isinstance(to, Mapping):
        to = to[source]
    if isinstance(to, str):
        return None if to == SAME else to  # None: django-fsm leaves the state alone
    return RETURN_VALUE(*(source if state == SAME else state for state in to))


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step as the tables tell it. `edges` are its pairs of states: from where, to where."""

    name: str
    edges: frozenset[tuple[str, str]]
    rule: Rule
    conditions: tuple[Condition, ...]
    doc: str

    @cached_property
    def sources(self) -> frozenset[str]:
        return frozenset(source for source, _ in self.edges)


@cache
def steps_of(machine: type) -> dict[str, Step]:
    """Read all steps of a machine (a class with an FSM field named `state`), by name."""
    found: dict[str, Step] = {}
    for owner in reversed(machine.__mro__):
        for name, method in vars(owner).items():
            if hasattr(method, "_django_fsm"):
                found[name] = _read(name, method)
    return found


def _read(name, method):
    transitions = method._django_fsm.transitions.values()  # noqa: SLF001 -- it has no other door
    one = next(iter(transitions))
    return Step(
        name=name,
        edges=frozenset((str(t.source), target) for t in transitions for target in _targets(t)),
        rule=one.custom["rule"],
        conditions=tuple(one.conditions),
        doc=(method.__doc__ or "").strip(),
    )


def _targets(transition_):
    """List the states a transition may lead to: `RETURN_VALUE(...)` is an object with several."""
    if isinstance(transition_.target, RETURN_VALUE):
        return [str(state) for state in transition_.target.allowed_states]
    return [str(transition_.target or transition_.source)]


def paths(machine: type) -> frozenset[tuple[str, str]]:
    """List where one run of the writer may lead: what happens by itself, then at most one step.

    :returns: pairs of states; those of a run that changes nothing are left out
    """
    steps = steps_of(machine).values()
    by_itself = {e for step in steps if not AUTOMATIC.isdisjoint(step.rule.by) for e in step.edges}
    reached = {(state, state) for step in steps for edge in step.edges for state in edge}
    while more := {(a, d) for a, b in reached for c, d in by_itself if b == c} - reached:
        reached |= more
    reached |= {(a, d) for a, b in reached for step in steps for c, d in step.edges if b == c}
    return frozenset(pair for pair in reached if pair[0] != pair[1])
