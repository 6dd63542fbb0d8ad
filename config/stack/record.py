"""What runs, written down in var/stack.json: for scripts, and for the start after a crash."""

import contextlib
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any, TextIO

import psutil

from config.stack import StackError

RUN, RANK = "MEDIATION_RUN", "MEDIATION_RANK"  # in the environment of all that a start has begun


class Record:
    """The file var/stack.json, readable by its owner only, gone when the stack has stopped."""

    def __init__(self, var: Path):
        self.path = var / "stack.json"
        self.content: dict[str, Any] = {
            "run": secrets.token_hex(8),
            "pids": {"supervisor": os.getpid()},
        }

    def write(self, **more: Any) -> None:
        self.content |= more
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(self.content, file, indent=2)
        fresh.replace(self.path)

    def mark(self, rank: int) -> dict[str, str]:
        """What a process of this start bears, so that the next one can tell it from a stranger."""
        return {RUN: self.content["run"], RANK: str(rank)}

    def note(self, name: str, pid: int) -> None:
        self.content["pids"][name] = pid
        self.write()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def leftovers(self) -> list[list[psutil.Process]]:
        """Find what an earlier supervisor left running: a list per rank, who stops first first.

        PostgreSQL is not among them: it has a lock file of its own, which tells more.
        """
        try:
            run = json.loads(self.path.read_text())["run"]
        except (FileNotFoundError, ValueError, KeyError):
            return []
        ranks: dict[int, list[psutil.Process]] = {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                environment = process.environ()
                if environment.get(RUN) == run and process.name() != "postgres":
                    ranks.setdefault(int(environment[RANK]), []).append(process)
        return [ranks[rank] for rank in sorted(ranks)]


def only_one(var: Path) -> TextIO:
    """Hold the lock of this checkout for as long as the returned file is open.

    :raises StackError: another stack of this checkout holds it
    """
    file = (var / "stack.lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise StackError("this checkout is up already; stop it with Ctrl-C where it runs") from None
    return file
