"""Fixtures of the tests of the process."""

import pytest

pytest.register_assert_rewrite("tests.mediation.watched", "tests.mediation.heard")

from tests.mediation import heard, watched  # noqa: E402 -- after the line above


@pytest.fixture
def watch(monkeypatch, db):
    """Put the writer under watch (tests/mediation/watched.py), and the letters (heard.py)."""
    with watched.writer(monkeypatch):
        yield
    heard.check()
