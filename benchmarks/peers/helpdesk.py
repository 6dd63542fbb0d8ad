"""django-helpdesk: an environment of its own, a database with tickets, and what it is asked.

The rows that it has to begin with are copies of those that one ticket, opened over its API,
leaves: the ticket and its first follow-up.
"""

import json
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.load import Request
from benchmarks.opened import WORDS
from benchmarks.servers import BASE, Servers
from config.stack import postgres

HERE = Path(__file__).parent
NEEDS = HERE / "requirements.txt"
ENVIRONMENT = BASE / "var" / "bench" / "helpdesk"  # kept for the next time
PYTHON = str(ENVIRONMENT / "bin" / "python")
INSTALLED = ENVIRONMENT / "installed.txt"  # what it was made from, once it is whole
DATABASE = "bench_helpdesk"
SITE = "django.core.wsgi:get_wsgi_application()"

COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND column_name <> ALL (%s) ORDER BY ordinal_position
"""
COPY_TICKET = """
INSERT INTO helpdesk_ticket ({names})
SELECT {columns} FROM helpdesk_ticket, generate_series(1, %s)
"""
COPY_FOLLOW_UP = """
INSERT INTO helpdesk_followup (ticket_id, {names})
SELECT ticket.id, {columns} FROM helpdesk_followup, (SELECT id FROM helpdesk_ticket) AS ticket
WHERE ticket.id <> ticket_id
"""


class Helpdesk:
    """The desk of one agent, who may see everything."""

    def __init__(self, servers: Servers) -> None:
        """Install it, and make its database.

        :raises StackError: it cannot be installed
        """
        _install(servers)
        self.place = servers.place
        self.env = {
            "DJANGO_SETTINGS_MODULE": "desk.settings",
            "PYTHONPATH": str(HERE / "site"),
            "PGHOST": str(servers.place.sockets),
            "PGUSER": "postgres",
            "PGDATABASE": DATABASE,
        }
        with self._connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {DATABASE}")
        env = [f"{name}={value}" for name, value in self.env.items()]
        said = servers.supervisor.run("desk", ["env", *env, PYTHON, "-m", "desk.prepare"])
        agent = json.loads(said)
        self.queue = agent["queue"]
        self.headers = {"Authorization": f"Token {agent['token']}"}

    def opening(self) -> Request:
        """Open a ticket."""
        ticket = {"queue": self.queue, "title": "Too late", "description": WORDS, "priority": 3}
        headers = self.headers | {"Content-Type": "application/json"}
        return ("POST", "/api/tickets/", headers, json.dumps(ticket))

    def listing(self, *, limit: int) -> Request:
        """Ask for some of all tickets."""
        return ("GET", f"/api/tickets/?page_size={limit}", self.headers, "")

    def fill(self, n: int) -> None:
        """Make n more of the one ticket that there is."""
        with self._connect(DATABASE) as connection:
            self._copy(connection, COPY_TICKET, "helpdesk_ticket", ["id"], n)
            self._copy(connection, COPY_FOLLOW_UP, "helpdesk_followup", ["id", "ticket_id"])
            connection.execute("VACUUM ANALYZE")

    def count(self) -> int:
        """Count the tickets, each with its follow-up."""
        with self._connect(DATABASE) as connection:
            [(count,)] = connection.execute(
                "SELECT count(DISTINCT ticket_id) FROM helpdesk_followup"
            ).fetchall()
            return count

    def _copy(self, connection, statement, table, but, *params):
        found = connection.execute(COLUMNS, [table, but]).fetchall()
        columns = sql.SQL(", ").join(sql.Identifier(table, name) for (name,) in found)
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
        connection.execute(sql.SQL(statement).format(columns=columns, names=names), params)

    def _connect(self, database):
        return psycopg.connect(postgres.url(self.place, database), autocommit=True)


def _install(servers):
    """Make the environment, unless it is there."""
    needs = NEEDS.read_text()
    if INSTALLED.exists() and INSTALLED.read_text() == needs:
        return
    run = servers.supervisor.run
    run("venv", [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-qq"]
    run("pip", [*pip, "-r", str(NEEDS)])
    INSTALLED.write_text(needs)
