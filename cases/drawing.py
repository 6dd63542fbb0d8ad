"""The two machines as drawings, in Mermaid: made from the very tables that the steps are."""

from collections import defaultdict

from cases.actions import CASE_STEPS, DISPUTE_STEPS
from cases.clocks import CLOCKS
from cases.dispute import OVER
from cases.lifecycle import ENDED

MACHINES = {"case": (CASE_STEPS, ENDED), "dispute": (DISPUTE_STEPS, OVER)}


def mermaid(machine: str) -> str:
    """Draw a state diagram: each edge with its steps and who takes them, each state's clocks.

    :param machine: "case" or "dispute"
    :raises KeyError: there is no such machine
    """
    steps, ended = MACHINES[machine]
    edges: dict[tuple[str, str], list[str]] = defaultdict(list)
    for step in steps.values():
        for before, after in step.edges:
            edges[before, after].append(f"{step.name} ({', '.join(step.rule.by)})")
    lines = [
        f"    {'[*]' if before == 'new' else before} --> {after}: {'<br>'.join(sorted(names))}"
        for (before, after), names in sorted(edges.items())
    ]
    lines += [f"    {state} --> [*]" for state in ended]
    return "\n".join(["stateDiagram-v2", *lines, *_clocks(machine), ""])


def _clocks(machine):
    """Note beside each state which clocks run in it, and what follows when they run out."""
    notes = defaultdict(list)
    for clock in CLOCKS.values():
        if clock.of == machine:
            for state in clock.during:
                notes[state].append(f"{clock.name}, then {' or '.join(clock.then)}")
    return [f"    note right of {state}: {'<br>'.join(of)}" for state, of in notes.items()]
