"""Arrays reach the database as they are."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from mediation.arrays import array

MOMENT = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC)


def read_back(type_, values):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{type_}[]", [array(values)])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("uuid", [UUID(int=7), None]),
        ("timestamptz", [MOMENT, None]),
        ("interval", [timedelta(days=-1, seconds=3, microseconds=5), timedelta(0)]),
        ("bytea", [b"", b"\x00\\\"'{},\xff"]),
        ("boolean", [True, False, None]),
        ("bigint", [-5, 0, 2**40]),
        ("text", ["", "NULL", "null", "a,b", '{"x": "\\"}', " ", "号码"]),
    ],
)
def test_every_type_of_column_comes_back_as_it_was(type_, values):
    assert read_back(type_, values) == values


class TestText(TestCase):
    @given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))))
    def test_any_text_comes_back_as_it_was(self, values):
        assert read_back("text", values) == values
