"""Web servers on this machine, all by the program that `make up` runs, and what ours is asked."""

import contextlib
import json
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import fill
from benchmarks.load import Request
from benchmarks.opened import WORDS
from benchmarks.servers import running
from cases import tokens
from config.stack import programs

OURS = "config.wsgi"
PATIENCE = 120  # seconds until a server answers
LOOK = 0.1
HOURS = 4 * 3_600  # that tokens hold


@contextlib.contextmanager
def served(
    logs: Path, *, site: str = OURS, python: str = sys.executable, **env: str
) -> Iterator[str]:
    """Run a web server for as long as the block lasts; give its address.

    :param site: the WSGI application of another one; it answers `/livez` as well
    :param python: of the environment that has it
    :raises RuntimeError: it does not answer
    """
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        program = programs.web(listener.fileno(), url)
        argv = [python, *(site if word == OURS else word for word in program.argv[1:])]
        log = logs / f"bench-{site.partition(':')[0]}.log"
        with running(argv, log, env, inherits=program.inherits) as process:
            deadline = time.monotonic() + PATIENCE
            while not (program.is_ready and program.is_ready()):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{site} does not answer:\n{log.read_text()[-2_000:]}")
                time.sleep(LOOK)
            yield url


def openings(n: int) -> list[Request]:
    """Make orders that came yesterday, too late, and what their buyers send to open a case."""
    now, market = datetime.now(UTC), fill.marketplace()
    return [
        (
            "POST",
            "/api/v1/cases",
            {
                "Authorization": f"Bearer {_token(market, 'buyer', buyer)}",
                "Content-Type": "application/json",
                "Idempotency-Key": order,
            },
            json.dumps(
                {
                    "order": order,
                    "reason": "late",
                    "remedy": "return_refund",
                    "items": [{"line": "0", "quantity": 1}],
                    "statement": WORDS,
                }
            ),
        )
        for order, buyer in fill.buy(n, at=now)
    ]


def listing(*, limit: int) -> Request:
    """Ask for the newest cases of all that there are, as a marketplace's own service."""
    bearer = {"Authorization": f"Bearer {_token(fill.marketplace(), 'service')}"}
    return ("GET", f"/api/v1/cases?limit={limit}", bearer, "")


def _token(market, role, party=""):
    now = int(time.time())
    return tokens.issue(market, role=role, party=party, person="bench", now=now, seconds=HOURS)
