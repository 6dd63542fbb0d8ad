"""Which user the servers run as. PostgreSQL refuses to run as root, so root steps down.

No user is created and no permission of an existing folder is changed.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.stack import StackError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """The user that the servers run as: ourselves, or somebody without rights when we are root."""

    uid: int
    gid: int

    def rights(self) -> dict[str, Any]:
        """Say it in the words of `subprocess`; nothing when there is nothing to drop."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may(self, test: str, path: Path) -> bool:
        """Try whether the account may read (`-r`), or enter or run (`-x`) a path."""
        tried = subprocess.run(["/usr/bin/test", test, path], check=False, **self.rights())
        return tried.returncode == 0

    def own_folder(self, path: Path) -> None:
        """Make a folder that the account owns and nobody else may enter, or check that it is one.

        :raises StackError: somebody else made it, or it is open to others
        """
        try:
            path.mkdir(mode=0o700)
            os.chown(path, self.uid, self.gid)
        except FileExistsError:
            found = path.lstat()
            if path.is_symlink() or found.st_uid != self.uid or found.st_mode & 0o077:
                raise StackError(f"{path} is not a private folder of ours; remove it") from None


def choose(state: Path) -> Account:
    """Find the account: whoever owns what an earlier start left, ourselves, or one without rights.

    :raises StackError: we are root and no such user exists
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if state.exists() and state.stat().st_uid != 0:
        return Account(state.stat().st_uid, state.stat().st_gid)
    for name in CANDIDATES:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise StackError(
        f"PostgreSQL does not run as root: a user named {' or '.join(CANDIDATES)} is needed"
    )
