"""Fixtures of the tests of the process."""

import pytest

pytest.register_assert_rewrite("tests.mediation.watched")

from tests.mediation import watched  # noqa: E402 -- after the line above


@pytest.fixture
def watch(monkeypatch, db):
    """Put the writer under watch (tests/mediation/watched.py)."""
    with watched.writer(monkeypatch):
        yield
