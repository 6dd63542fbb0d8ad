"""A copy of this checkout with a stack of its own, as a newcomer would have it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
from django.conf import settings

from config.stack.place import SHARED

NOBODY = 65534
WITHOUT_SERVERS = {
    name: value
    for name, value in os.environ.items()
    if name not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
}
# Root's tests may run under a folder that others cannot read; the ordinary user may read it here,
# as if it were installed for all, and still writes nothing of root's.
ORDINARY = [
    *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]


class Checkout:
    def __init__(self, folder, *, ordinary_user=False):
        self.folder = folder
        self.output = folder / "output.txt"
        self.supervisors = []
        self.prefix = ORDINARY if ordinary_user and os.geteuid() == 0 else []
        for name in ("cases", "config", "mediation", "notifications", "manage.py", "locale"):
            source = settings.BASE_DIR / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, folder / name)
        self.output.touch()
        if self.prefix:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def start(self, *, within=60, **env):
        """Start it and wait, so many seconds, until it is up; return the supervisor."""
        with self.output.open("a") as output:
            supervisor = subprocess.Popen(
                [*self.prefix, sys.executable, "-m", "config.stack"],
                cwd=self.folder,
                env=WITHOUT_SERVERS | env,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.supervisors.append(supervisor)
        until(lambda: self.is_up(supervisor) or supervisor.poll() is not None, seconds=within)
        assert supervisor.poll() is None, self.output.read_text()
        return supervisor

    def run(self, *argv):
        """Run one command beside the servers and return its exit code."""
        command = [sys.executable, "-m", "config.stack", *argv]
        return subprocess.run(command, cwd=self.folder, env=WITHOUT_SERVERS, check=False).returncode

    def is_up(self, supervisor):
        record = self.record
        return "web" in record and record["pids"]["supervisor"] == supervisor.pid

    @property
    def record(self):
        with contextlib.suppress(FileNotFoundError):
            return json.loads((self.folder / "var/stack.json").read_text())
        return {}

    def log(self, name):
        return (self.folder / "var/log" / f"{name}.log").read_text()

    def processes(self):
        """List everything that was started in this folder and runs."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if str(self.folder) in " ".join([process.cwd(), *process.cmdline()]):
                    found.append(process)
        return found

    def ask(self, path):
        with urllib.request.urlopen(self.record["web"] + path, timeout=10) as response:  # noqa: S310
            return response.status

    def remove(self):
        for process in self.processes():
            process.kill()
        for supervisor in self.supervisors:
            supervisor.wait(10)
        name = self.folder / "var/name"
        if name.exists():
            word = name.read_text().split()[0]
            for folder in (Path("/tmp"), SHARED):  # noqa: S108
                shutil.rmtree(folder / f"mediation-{word}", ignore_errors=True)
                shutil.rmtree(folder / word, ignore_errors=True)


def stop(supervisor, number=signal.SIGINT):
    """Stop it as a person would, and return its exit code."""
    supervisor.send_signal(number)
    return supervisor.wait(60)


def until(condition, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
