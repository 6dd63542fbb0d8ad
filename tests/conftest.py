"""Real servers for the tests: one PostgreSQL and one Valkey per run, made for it and gone after it.

Every xdist worker has its own database (pytest-django's suffix) and its own number in Valkey.
`DATABASE_URL` and `REDIS_URL`, when both are given, name other servers to use.
"""

import json
import os
import subprocess
import sys
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations

from cases import policies
from config import addresses
from config.celery import app
from tests import emptying, once

NAMES = {"DATABASE_URL", "REDIS_URL"}
servers = pytest.StashKey[subprocess.Popen]()
files = pytest.StashKey[TemporaryDirectory]()


def pytest_configure(config):
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each program we start compiles everything
    worker = getattr(config, "workerinput", None)
    if worker is None and not (os.environ.keys() >= NAMES or config.option.collectonly):
        config.stash[servers] = _start_servers()
    DatabaseOperations.sql_flush = emptying.sql_flush
    settings.RATES_TIMES = 0  # only tests of the rates themselves have any
    # those of the service are slow on purpose
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True  # each client would list all static files first
    policies.parse, policies.bases_of = once.parse, once.bases_of
    config.stash[files] = TemporaryDirectory(prefix="files-")
    settings.STORAGES["files"]["OPTIONS"]["location"] = config.stash[files].name
    number = int(worker["workerid"].removeprefix("gw")) + 1 if worker else 0
    _use(os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL"), number)


def pytest_unconfigure(config):
    config.stash[files].cleanup()
    process = config.stash.get(servers, None)
    if process is not None:
        process.stdin.close()  # the sign to stop, which also a killed run gives
        process.wait(60)


def _start_servers():
    process = subprocess.Popen(
        [sys.executable, "-m", "config.stack.temporary"],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = json.loads(process.stdout.readline() or "{}")
    os.environ["DATABASE_URL"] = found["database_url"]  # for the workers, and what tests start
    os.environ["REDIS_URL"] = found["redis_url"]
    return process


def _use(database_url, redis_url, number):
    """Point the settings, which pytest-django has read by now, to the servers."""
    if database_url:
        settings.DATABASES["default"].update(addresses.database(database_url))
    if redis_url:
        settings.REDIS_URL = addresses.numbered(redis_url, number)
        app.conf.update(broker_url=addresses.broker(settings.REDIS_URL))
