"""The servers that every other test relies on."""

import os

import pytest
import redis
from django.conf import settings
from django.db import connection


@pytest.mark.django_db
def test_the_tests_run_on_a_real_postgresql_of_their_own():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('server_version_num')::int")
        name, version = cursor.fetchone()

    assert name.startswith("test_mediation")
    assert version >= 150000


def test_every_worker_has_its_own_number_in_a_real_valkey():
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw-1")

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        assert client.ping() is True
        assert client.connection_pool.connection_kwargs["db"] == int(worker[2:]) + 1
