"""The diagrams in the README are an independent specification of the two tables of steps."""

import re
from pathlib import Path

import pytest

from cases.models import Case, Dispute
from cases.table import steps_of

README = Path(__file__).parents[2] / "README.md"
STEP = r"(\w+) \(([\w, ]+)\)"
EDGE = re.compile(rf"^ +(\S+) --> (\S+): ({STEP}(?:<br>{STEP})*)$", re.MULTILINE)
BOX = re.compile(r"^ +note \w+ of (\w+): (.+)$", re.MULTILINE)


def drawn(heading):
    """Read all edges under a heading: from, to, step, roles."""
    section = README.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    edges = set()
    for diagram in re.findall(r"^```mermaid\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        boxes = {name: states.split(", ") for name, states in BOX.findall(diagram)}
        for source, target, label, *_ in EDGE.findall(diagram):
            for before in boxes.get(source, [source]):
                stays = source == target
                for after in [before] if stays else boxes.get(target, [target]):
                    for step, roles in re.findall(STEP, label):
                        edges.add((before.replace("[*]", "new"), after, step, roles))
    return edges


@pytest.mark.parametrize(
    ("heading", "machine"),
    [("The life of a case", Case), ("The life of a dispute", Dispute)],
)
def test_the_diagram_in_the_readme_is_the_real_table(heading, machine):
    table = {
        (before, after, step.name, ", ".join(step.rule.by))
        for step in steps_of(machine).values()
        for before, after in step.edges
    }

    assert drawn(heading) == table


@pytest.mark.parametrize("heading", ["The life of a case", "The life of a dispute"])
def test_every_line_of_a_diagram_is_read(heading):
    section = README.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("    ")]

    assert [line for line in lines if not EDGE.match(line) and not BOX.match(line)] == []
