"""`python -m config.stack`: the whole system; with a command behind it: the servers for it only.

It needs no settings: what it starts reads them. `DATABASE_URL` and `REDIS_URL`, where given, name
servers that are used as they are.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from config.stack import StackError, postgres, programs, valkey
from config.stack.place import Place
from config.stack.record import Record, only_one
from config.stack.servers import broker, database
from config.stack.supervisor import Stopped, Supervisor

BASE = Path(__file__).resolve().parents[2]
VAR = BASE / "var"
PORTS = range(8000, 8100)
LEFTOVER_PATIENCE = 10  # seconds
READY_WITHIN = 120  # seconds for the web server, on a slow machine


def up() -> None:
    """Start everything, tell what happens, and stop everything on Ctrl-C."""
    with only_one(VAR), supervised() as supervisor:
        serve(supervisor)
        prepared = json.loads(
            supervisor.run("prepare", [sys.executable, "-m", "config.stack.prepare"])
        )
        listener = free_port()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for queue in programs.WORKERS:
            supervisor.start(programs.worker(queue))
        supervisor.start(programs.beat(VAR / "beat-schedule"))
        supervisor.start(programs.web(listener.fileno(), url), within=READY_WITHIN)
        supervisor.record.write(web=url, staff=prepared["staff"], **prepared["tokens"])
        say(welcome(url, prepared["said"]))
        if prepared["watch"]:
            supervisor.start(programs.watch(play=prepared["play"]))
        supervisor.watch()
        say("\nStopping ...")


def run(argv: list[str]) -> int:
    """Run one command beside the servers: those that are up, or else its own for as long."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(only_one(VAR))
        except StackError:
            pass  # the settings find the servers that are up in var/stack.json
        else:
            serve(stack.enter_context(supervised()))
        with subprocess.Popen(argv, cwd=BASE) as process:
            signal.signal(signal.SIGTERM, lambda *_: process.terminate())
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command has got it as well
            return process.wait()


@contextlib.contextmanager
def supervised() -> Iterator[Supervisor]:
    """A supervisor that has cleared what an earlier one left, and stops all it started."""
    record = Record(VAR)
    end_leftovers(record.leftovers())
    record.write()  # from here on a kill leaves nothing that the next start cannot find
    logs = VAR / "log"
    for log in logs.glob("*.log"):
        log.unlink()
    supervisor = Supervisor(base=BASE, logs=logs, record=record, say=say)
    supervisor.listen()
    try:
        yield supervisor
    except Stopped:
        say("Stopping ...")
    finally:
        supervisor.stop()


def serve(supervisor: Supervisor) -> None:
    """Start the servers that nobody gave, and name all of them in the environment."""
    given = {name for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    place = Place.of(VAR) if len(given) < 2 else None  # noqa: PLR2004
    if place and "DATABASE_URL" not in given:
        supervisor.start(database(place), within=postgres.PATIENCE)
        os.environ["DATABASE_URL"] = postgres.url(place)
    if place and "REDIS_URL" not in given:
        supervisor.start(broker(place))
        os.environ["REDIS_URL"] = valkey.url(place)
    supervisor.record.write(
        database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"]
    )


def end_leftovers(ranks: list[list[psutil.Process]]) -> None:
    """End what a killed supervisor left, rank by rank: leaders softly, then whoever is left."""
    if any(ranks):
        say(f"An earlier start was killed; ending the {sum(map(len, ranks))} processes it left.")
    for rank in ranks:
        for process in rank:
            with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getpgid(process.pid) == process.pid:
                    process.terminate()
        for process in psutil.wait_procs(rank, timeout=LEFTOVER_PATIENCE)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def free_port() -> socket.socket:
    """Listen on the first free port: a second copy beside this one takes the next.

    :raises StackError: all of them are taken
    """
    for port in PORTS:
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port), backlog=256)
    raise StackError(f"no port between {PORTS[0]} and {PORTS[-1]} is free")


def welcome(url: str, said: str) -> str:
    lines = [
        "",
        "Mediation is up. Ctrl-C stops it.",
        "",
        f"  admin      {url}/admin/",
        f"  API page   {url}/api/docs/",
        "  addresses, development tokens and log-ins for scripts: var/stack.json",
        "  logs: var/log/",
        *(f"  {line}" for line in said.splitlines()),
        "",
    ]
    return "\n".join(lines)


def say(line: str) -> None:
    with contextlib.suppress(BrokenPipeError):  # the reader has gone; we still stop in order
        print(line, flush=True)  # noqa: T201 -- for the person at the terminal


def main() -> int:
    try:
        VAR.mkdir(exist_ok=True)
        if sys.argv[1:]:
            return run(sys.argv[1:])
        up()
    except (StackError, OSError) as error:
        say(f"Mediation cannot start: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
