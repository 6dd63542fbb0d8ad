import pytest

from tests.api.dump import everything


@pytest.fixture
def nothing_changes():
    """See after the test that the database is as it was when `watch` was called."""
    seen = []
    yield lambda: seen.append(everything())
    assert seen, "the test never said from when on"
    assert everything() == seen[0]
