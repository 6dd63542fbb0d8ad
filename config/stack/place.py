"""Where the servers keep their data and their sockets."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.stack import StackError
from config.stack.account import Account, choose

SHARED = Path(
    "/var/lib/mediation"
)  # for root, when the unprivileged user cannot enter the checkout
LONGEST = 60  # characters of a folder for temporary files; a socket's path may have 107


@dataclass(frozen=True)
class Place:
    state: Path  # data, and copies of binaries: outlives a stop
    sockets: Path  # a short path, which a socket needs; made anew when it is gone
    account: Account

    @classmethod
    def of(cls, var: Path) -> "Place":
        """Find the place of one checkout. A copy of the checkout gets another one."""
        var.mkdir(exist_ok=True)
        name = _name(var)
        state = var / "state"
        account = choose(state)
        if not account.may("-x", var):
            SHARED.mkdir(exist_ok=True)
            state = SHARED / name
            account = choose(state)
            if not account.may("-x", SHARED):
                raise StackError(f"the user {account.uid} can enter neither {var} nor {SHARED}")
        place = cls(state, _temporary() / f"mediation-{name}", account)
        account.own_folder(place.state)
        account.own_folder(place.sockets)
        return place

    def program(self, package: str, pattern: str) -> Path:
        """Find a program inside an installed wheel, or in a copy of it that the account can read.

        :param pattern: a path in the package; the folder of the machine's kind may be `*`
        :raises StackError: the wheel is not installed
        """
        spec = find_spec(package)
        folder = Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")
        program = next(folder.glob(pattern), None)
        if program is None:
            raise StackError(f"the package {package} is not installed; run: make setup")
        if self.account.may("-r", program) and self.account.may("-x", program):
            return program
        copy = self.state / "programs" / program.relative_to(folder.parent)
        if not _same(copy, program):
            _copy_wheel(folder, self.state / "programs")
        return copy


@contextmanager
def temporary_place() -> Iterator[Place]:
    """A place that is gone afterwards, for tests."""
    account = choose(Path("/nonexistent"))
    folder = Path(tempfile.mkdtemp(prefix="mediation-", dir=_temporary()))
    os.chown(folder, account.uid, account.gid)
    try:
        yield Place(folder, folder, account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _name(var: Path) -> str:
    """Read or make the name of this checkout: stable when it is moved, another one in a copy."""
    file, here = var / "name", str(var.resolve())
    if file.exists():
        name, _, there = file.read_text().partition(" ")
        if there == here or not Path(there).exists():
            file.write_text(f"{name} {here}")
            return name
    name = f"{os.geteuid()}-{secrets.token_hex(4)}"
    file.write_text(f"{name} {here}")
    return name


def _temporary() -> Path:
    folder = tempfile.gettempdir()
    return Path(folder if len(folder) <= LONGEST else "/tmp")  # noqa: S108 -- ours is private


def _same(copy: Path, original: Path) -> bool:
    return copy.exists() and copy.stat().st_size == original.stat().st_size


def _copy_wheel(package: Path, target: Path) -> None:
    """Copy a package, and first the libraries beside it, which its programs look for there."""
    for source in (package.with_name(f"{package.name}.libs"), package):
        copy = target / source.name
        shutil.rmtree(copy, ignore_errors=True)
        if source.exists():
            shutil.copytree(source, copy)
            for path in (target, copy, *copy.rglob("*")):
                path.chmod(0o755)  # inside our own private folder
