"""Databases with the project's own migrations, and how rows are counted in them."""

from datetime import datetime

from django.core.management import call_command
from django.db import connection

from mediation.models import Heartbeat

SMALL, LARGE = "bench_small", "bench_large"


def create(*names: str) -> None:
    """Make databases anew, migrated; the first is the template of the others."""
    for name in names:
        use("postgres")
        with connection.cursor() as cursor:
            template = "" if name == names[0] else f" TEMPLATE {names[0]}"
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name}{template}")
        use(name)
        if name == names[0]:
            call_command("migrate", verbosity=0)


def drop(*names: str) -> None:
    """Free the room that databases take."""
    use("postgres")
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def use(name: str) -> None:
    """Let Django's connection lead to another database of the same server."""
    connection.close()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()


def fresh() -> None:
    """Forget when clocks were last seen to: that nobody did is no outage, but the benchmark."""
    Heartbeat.objects.all().delete()


def due() -> int:
    """Count the clocks that should have run out by now."""
    return number("SELECT count(*) FROM cases_clock WHERE next_at <= clock_timestamp()")


def written() -> int:
    """Count the rows that were ever inserted, updated or deleted in this database."""
    number("SELECT 1 FROM pg_stat_force_next_flush()")
    return number("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables")


def lags(first: datetime, last: datetime) -> list[float]:
    """List how many seconds after it was due each clock's end was committed, earliest first.

    :param first: of clocks that were due from this moment on
    :param last: and before this one
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM pg_xact_commit_timestamp(xact::xid) - due_at)::float8 "
            "FROM cases_event WHERE due_at >= %s AND due_at < %s ORDER BY due_at",
            [first, last],
        )
        return [seconds for (seconds,) in cursor.fetchall()]


def number(sql: str) -> int:
    """Ask for one number."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
