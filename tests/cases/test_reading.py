"""The writer's own way to PostgreSQL: what it asks twice is planned once."""

import pytest
from django.db import connection

from cases.models import Marketplace
from cases.reading import read
from tests import world

pytestmark = pytest.mark.django_db


def test_a_statement_is_parsed_and_planned_once_per_connection():
    market = world.marketplace()

    found = [read(Marketplace, "WHERE t.slug = %s AND 7 = 7", slug) for slug in (market.slug, "x")]

    assert found == [[market], []]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE %s",
            ["%7 = 7%"],
        )
        assert cursor.fetchall() == [(2,)]
