"""What runs, written down in var/stack.json: for scripts, and for the start after a crash."""

import contextlib
import fcntl
import json
import os
from pathlib import Path
from typing import Any, TextIO

import psutil

from config.stack import StackError

TOLERANCE = 2.0  # seconds: how exactly the system tells when a process started


class Record:
    """The file var/stack.json, readable by its owner only, gone when the stack has stopped."""

    def __init__(self, var: Path):
        self.path = var / "stack.json"
        self.content: dict[str, Any] = {"pids": {"supervisor": os.getpid()}, "processes": {}}

    def write(self, **more: Any) -> None:
        self.content |= more
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(self.content, file, indent=2)
        fresh.replace(self.path)

    def note(self, name: str, process: psutil.Process, argv: list[str], *, rank: int) -> None:
        """Note a process with what tells it from a stranger that got its number later."""
        started = process.create_time()
        self.content["pids"][name] = process.pid
        self.content["processes"][name] = {"rank": rank, "started": started, "argv": argv}
        self.write()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def leftovers(self) -> list[list[psutil.Process]]:
        """Find what an earlier supervisor left running: a list per rank, who stops first first.

        PostgreSQL is not among them: it has a lock file of its own, which tells more.
        """
        try:
            earlier = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return []
        ranks: dict[int, list[psutil.Process]] = {}
        for name, process in earlier["processes"].items():
            if name != "postgres":
                group = _group(earlier["pids"][name], process["argv"], process["started"])
                ranks.setdefault(process["rank"], []).extend(group)
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


def _group(leader: int, argv: list[str], started: float) -> list[psutil.Process]:
    """Find a leader and the children it forked: same group, same command line, not older."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            same = os.getpgid(process.pid) == leader and process.cmdline() == argv
            if same and process.create_time() >= started - TOLERANCE:
                found.append(process)
    return found
