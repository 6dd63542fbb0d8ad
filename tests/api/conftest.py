import pytest

from mediation import looking, steps
from mediation.invariants import check
from tests.api.dump import everything
from tests.api.sandboxes import Sandbox


@pytest.fixture
def nothing_changes():
    """See after the test that the database is as it was when `watch` was called."""
    seen = []
    yield lambda: seen.append(everything())
    assert seen, "the test never said from when on"
    assert everything() == seen[0]


@pytest.fixture
def stand_at(monkeypatch):
    """Let the API take a moment for the present; it has none of its own."""
    return clocks(monkeypatch)


@pytest.fixture
def sandbox():
    """A sandbox in which, after the test, everything is as it must always be."""
    found = Sandbox()
    yield found
    assert check(at=found.now) == {}


def clocks(patch):
    """Make what lets the API take a moment for the present, until the patch is undone."""

    def stand(moment):
        patch.setitem(steps.take.__kwdefaults__, "clock", lambda: moment)
        patch.setattr(looking, "database_clock", lambda: moment)

    return stand
