"""docs/requirements.md: every row once, and a test behind each that is called done."""

import ast
import re

from django.conf import settings

ROWS = {"D": 22, "R": 20, "T": 19, "M": 18, "K": 14}
STATES = {"done", "partly", "later"}
DOCUMENT = settings.BASE_DIR / "docs/requirements.md"


def rows():
    found = re.findall(
        r"^\| ([A-Z]\d+) \| (.+) \| (\w+) \| (.*) ?\|$", DOCUMENT.read_text(), re.MULTILINE
    )
    return [(row, what, state, where.strip()) for row, what, state, where in found]


def marked():
    """The ids that tests are marked with, read without importing them."""
    found = set()
    for path in (settings.BASE_DIR / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
                found |= {argument.value for argument in node.args}
    return found


def test_every_requirement_has_one_row():
    wanted = [f"{letter}{n:02}" for letter, count in ROWS.items() for n in range(1, count + 1)]

    assert [row for row, *_ in rows()] == wanted


def test_a_row_says_how_far_it_is_and_where_it_works():
    told = [(row, state) for row, _, state, where in rows() if state == "later" or where]

    assert told == [(row, state) for row, _, state, _ in rows() if state in STATES]


def test_what_is_called_done_has_a_test_and_what_has_a_test_is_begun():
    done = {row for row, _, state, _ in rows() if state == "done"}
    begun = {row for row, _, state, _ in rows() if state != "later"}

    assert done - marked() == set()
    assert marked() - begun == set()
