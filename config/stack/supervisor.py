"""Starts programs, restarts the one that dies, stops all of them in order."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.stack import StackError
from config.stack.account import Account
from config.stack.record import Record

LOOK = 0.2  # seconds between two looks at the processes
SETTLED = 30  # seconds after which a program counts as well again
LONGEST_PAUSE = 10  # seconds before a restart
TAIL = 15  # lines of a log that are shown when a program fails


@dataclass(kw_only=True)
class Program:
    """One program under the supervisor."""

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    rank: int  # who stops first: 0 beat, web and watch, 1 workers, 2 broker, 3 database
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 15  # seconds from the signal to SIGKILL
    account: Account | None = None
    is_ready: Callable[[], bool] | None = None
    inherits: tuple[int, ...] = ()  # file descriptors
    on_terminal: bool = False  # its output is for the reader; that of the others goes to var/log
    before: Callable[[], object] | None = None  # to do before each start
    process: subprocess.Popen | None = None
    started: float = 0
    failures: int = 0
    not_before: float = 0

    def send(self, number: signal.Signals) -> None:
        """Send a signal; Popen's own method would reap the process, see `_has_ended`."""
        if self.process is not None:
            os.kill(self.process.pid, number)


class Stopped(Exception):
    """Ctrl-C or SIGTERM came while the stack was starting."""


class Supervisor:
    def __init__(self, *, base: Path, logs: Path, record: Record, say: Callable[[str], object]):
        self.base, self.logs, self.record, self.say = base, logs, record, say
        self.programs: list[Program] = []
        self.asked_to_stop = threading.Event()
        logs.mkdir(parents=True, exist_ok=True)

    def listen(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal ask for a stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)

    def start(self, program: Program, *, within: float = 60) -> None:
        """Start a program and wait until it is ready.

        :param within: seconds
        :raises StackError: it ended, or was not ready in time
        :raises Stopped: somebody asked to stop meanwhile
        """
        self.programs.append(program)
        self._launch(program)
        deadline = time.monotonic() + within
        while program.is_ready is not None and not program.is_ready():
            if _has_ended(program):
                raise StackError(f"{program.name} ended at once:\n{self._tail(program.name)}")
            if time.monotonic() > deadline:
                raise StackError(f"{program.name} was not ready within {within:.0f} s")
            self._pause(LOOK / 4)

    def run(self, name: str, argv: list[str]) -> str:
        """Run a command to its end and return what it printed.

        :raises StackError: it failed
        :raises Stopped: somebody asked to stop meanwhile
        """
        with (
            (self.logs / f"{name}.log").open("w") as log,
            subprocess.Popen(
                argv,
                cwd=self.base,
                env=os.environ | self.record.mark(rank=0),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            ) as process,
        ):
            while process.poll() is None:
                try:
                    self._pause(LOOK / 4)
                except Stopped:
                    process.terminate()
                    raise
            printed = process.stdout.read() if process.stdout else ""
        if process.returncode:
            raise StackError(f"{name} failed:\n{self._tail(name)}")
        return printed

    def watch(self) -> None:
        """Restart whatever dies, until somebody asks to stop."""
        while not self.asked_to_stop.wait(LOOK):
            for program in self.programs:
                if program.process is not None and _has_ended(program):
                    self._bury(program)
                if program.process is None and time.monotonic() >= program.not_before:
                    self._launch(program)

    def stop(self) -> None:
        """Stop everything, rank by rank: who needs somebody stops before them."""
        for rank in sorted({program.rank for program in self.programs}):
            ending = [program for program in self.programs if program.rank == rank]
            for program in ending:
                program.send(program.stop_signal)
            for program in ending:
                self._wait(program)
        self.record.remove()

    def _launch(self, program: Program) -> None:
        if program.before is not None:
            program.before()
        rights = program.account.rights() if program.account else {}
        with (self.logs / f"{program.name}.log").open("a") as log:
            program.process = subprocess.Popen(
                program.argv,
                cwd=self.base if not rights else "/",
                env=os.environ | program.env | self.record.mark(program.rank),
                stdin=subprocess.DEVNULL,
                stdout=None if program.on_terminal else log,
                stderr=log,
                pass_fds=program.inherits,
                start_new_session=True,  # Ctrl-C reaches the supervisor only
                **rights,
            )
        program.started = time.monotonic()
        self.record.note(program.name, program.process.pid)

    def _bury(self, program: Program) -> None:
        """End what a dead program left, and say when it may start again."""
        lived = time.monotonic() - program.started
        program.failures = 0 if lived > SETTLED else program.failures + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2**program.failures) if program.failures else 0.2
        program.not_before = time.monotonic() + pause
        code = _end_group(program)
        self.say(f"{program.name} ended ({code}); it starts again in {pause:.1f} s")

    def _wait(self, program: Program) -> None:
        if program.process is None:
            return
        deadline = time.monotonic() + program.patience
        while not _has_ended(program):
            if time.monotonic() > deadline:
                self.say(f"{program.name} does not stop and is killed")
                break
            time.sleep(LOOK / 10)
        _end_group(program)

    def _pause(self, seconds: float) -> None:
        if self.asked_to_stop.wait(seconds):
            raise Stopped

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop.set()

    def _tail(self, name: str) -> str:
        lines = (self.logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-TAIL:])


def _has_ended(program: Program) -> bool:
    """Look without reaping: until then nobody else can get the number of the group."""
    process = program.process
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    return process is None or os.waitid(os.P_PID, process.pid, flags) is not None


def _end_group(program: Program) -> int:
    """Kill a program with all its children; return the exit code of the program."""
    process, program.process = program.process, None
    assert process is not None  # noqa: S101 -- for the type checker
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
