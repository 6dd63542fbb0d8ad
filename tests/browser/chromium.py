"""Find Chromium, or install it where the machine allows: `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
MISSING = """\
No browser tests were run: Chromium is missing.
  Debian, Ubuntu:  apt-get install {packages}
  elsewhere:       name a Chromium or Chrome of this machine: CHROMIUM=/path/to/it make browser
{tried}"""


def path() -> str | None:
    """Tell where the browser is; `CHROMIUM` names another one than that on the path.

    A name that leads nowhere finds nothing: the tests do not run in another browser than asked.
    """
    asked = os.environ.get("CHROMIUM")
    if asked:
        return shutil.which(asked)
    return next(filter(None, map(shutil.which, NAMES)), None)


def missing(tried: str = "") -> str:
    """Say what is missing, and how it is got."""
    if asked := os.environ.get("CHROMIUM"):
        tried = f"CHROMIUM={asked} leads to no program."
    return MISSING.format(packages=" ".join(PACKAGES), tried=tried)


def install() -> str:
    """Install it by apt-get, which root may; tell what was tried."""
    program = shutil.which("apt-get")
    if os.environ.get("CHROMIUM") or program is None or os.geteuid() != 0:
        return "It was not installed here: that takes apt-get and root."
    sys.stdout.write("Installing Chromium ...\n")
    sys.stdout.flush()
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *PACKAGES]):
        run = subprocess.run(
            [program, "-qq", *words], env=quiet, capture_output=True, text=True, check=False
        )
        if run.returncode:
            return f"apt-get {words[0]} failed: {run.stderr.strip()[-500:]}"
    return ""


def main() -> int:
    """:returns: an exit code: 0, or 3 if the browser is missing"""
    if path() is None:
        tried = install()
        if path() is None:
            sys.stderr.write(missing(tried) + "\n")
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
