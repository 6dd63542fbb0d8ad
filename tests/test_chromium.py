"""`make browser` on a machine without a browser says what is missing, and is no success."""

import os
import subprocess
import sys

from django.conf import settings

from tests.browser import chromium


def test_a_missing_browser_is_told_and_is_no_success():
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.chromium"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"CHROMIUM": "/nowhere/chromium"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 3
    first, *_, last = done.stderr.strip().splitlines()
    assert first == "No browser tests were run: Chromium is missing."
    assert last == "CHROMIUM=/nowhere/chromium leads to no program."


def test_whoever_may_not_install_it_is_told_how_to(monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    told = chromium.missing(chromium.install())

    assert told.splitlines()[1] == "  Debian, Ubuntu:  apt-get install chromium fonts-noto-cjk"
    assert told.splitlines()[-1] == "It was not installed here: that takes apt-get and root."
