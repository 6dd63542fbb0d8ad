"""The programs of the stack beside its servers: one row each."""

import sys
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

from config.stack.supervisor import Program

PYTHON = sys.executable
THREADS = 8  # per web process
WORKERS = {"deadlines": 1, "effects": 2, "letters": 1}  # queue: processes
QUICKLY = 5  # seconds


def web(listener: int, url: str) -> Program:
    """The web server. It inherits the listening socket, so that a restart keeps its port."""
    return Program(
        name="web",
        argv=[
            *(PYTHON, "-m", "gunicorn", "config.wsgi", "--bind", f"fd://{listener}"),
            *("--worker-class", "gthread", "--workers", "2", "--threads", str(THREADS)),
            *("--preload", "--no-control-socket", "--log-level", "warning"),
        ],
        rank=0,
        inherits=(listener,),
        is_ready=partial(_answers, url + "/livez"),
    )


def worker(queue: str) -> Program:
    """One worker per queue, so that slow letters never hold up a deadline."""
    return Program(
        name=queue,
        argv=[
            *(PYTHON, "-m", "celery", "-A", "config", "worker", "--queues", queue),
            *("--hostname", f"{queue}@%h", "--concurrency", str(WORKERS[queue])),
            *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
        ],
        env={"REMAP_SIGTERM": "SIGQUIT"},  # a soft stop: what runs has ten seconds to finish
        rank=1,
        patience=20,
    )


def beat(schedule: Path) -> Program:
    return Program(
        name="beat",
        argv=[
            *(PYTHON, "-m", "celery", "-A", "config", "beat", "--pidfile="),
            *("--schedule", str(schedule), "--loglevel", "WARNING"),
        ],
        rank=0,
        patience=QUICKLY,
    )


def watch(*, play: bool) -> Program:
    """A line on the terminal for each thing that happens.

    :param play: play the demo besides
    """
    return Program(
        name="watch",
        argv=[PYTHON, "manage.py", "watch", *(["--play"] if play else [])],
        env={"PYTHONUNBUFFERED": "1"},
        rank=0,
        patience=QUICKLY,
        on_terminal=True,
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=QUICKLY) as response:  # noqa: S310 -- our own
            return response.status == 200  # noqa: PLR2004
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
