"""The drawing that the API gives is that of the tables."""

import re

import pytest

from cases.clocks import CLOCKS
from cases.drawing import mermaid
from cases.models import Case, Dispute
from cases.table import steps_of

STEP = re.compile(r"(\w+) \(([\w, ]+)\)")
EDGE = re.compile(r"^    (\S+) --> (\w+): (.+)$", re.MULTILINE)


@pytest.mark.parametrize(("name", "machine"), [("case", Case), ("dispute", Dispute)])
def test_every_edge_is_drawn_and_no_other(name, machine):
    drawn = {
        (before.replace("[*]", "new"), after, step, roles)
        for before, after, label in EDGE.findall(mermaid(name))
        for step, roles in STEP.findall(label)
    }

    assert drawn == {
        (before, after, step.name, ", ".join(step.rule.by))
        for step in steps_of(machine).values()
        for before, after in step.edges
    }


@pytest.mark.parametrize("name", ["case", "dispute"])
def test_every_clock_is_noted_where_it_runs(name):
    notes = dict(re.findall(r"^    note right of (\w+): (.+)$", mermaid(name), re.MULTILINE))
    noted = {(state, part.split(",")[0]) for state in notes for part in notes[state].split("<br>")}

    assert noted == {
        (state, clock.name)
        for clock in CLOCKS.values()
        if clock.of == name
        for state in clock.during
    }
