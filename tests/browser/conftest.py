"""Headless Chromium: `make browser`. What is wrong on any page that a test visits fails it.

`log_in` opens the desk on a live server with the scene's data; `stack` is the whole system.
"""

import json
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django_otp.plugins.otp_totp.models import TOTPDevice

from mediation.management.commands.demo_code import code
from tests.browser import chromium as browser
from tests.browser.latin import LATIN
from tests.browser.stack import Stack

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)
SIZE = {"width": 1440, "height": 900}
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}
PICTURES = settings.BASE_DIR / "var" / "screenshots"
LOOK = "window.lookAtPage && lookAtPage()"
REFUSED = "status of 422"  # a form that was refused says so with its status; the browser notes it
LOOKS = f"const LATIN = {json.dumps(sorted(LATIN))};\n" + (
    Path(__file__).with_name("looks.js").read_text()
)


@pytest.fixture(scope="session")
def chromium():
    """Start the browser, or say loudly what is missing."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
    if (path := browser.path()) is None:
        pytest.exit(browser.missing(), returncode=3)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only when it is needed

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def visit(chromium):
    """Open pages of a server. At the end nothing may have been wrong on any of them.

    Wrong is: an error on the console, a request to another host, and what `looks.js` finds.
    """
    contexts, wrong = [], []

    def opened(base_url, language="en", *, dark=False, height=None, **more):
        context = chromium.new_context(
            base_url=base_url,
            viewport=SIZE | ({"height": height} if height else {}),
            color_scheme="dark" if dark else "light",
            locale=LOCALES[language],
            **more,
        )
        contexts.append(context)
        context.set_default_timeout(20_000)  # milliseconds
        context.add_init_script(LOOKS)
        page, own = context.new_page(), urlsplit(base_url).netloc
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text)
                if said.type == "error" and REFUSED not in said.text
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                wrong.append(f"foreign request {request.url}")
                if urlsplit(request.url).netloc not in {own, ""}
                and not request.url.startswith(("chrome://", "chrome-extension://"))  # its viewer
                else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            page.evaluate(LOOK)
        context.close()
    assert not wrong, "\n".join(dict.fromkeys(wrong))


@pytest.fixture
def log_in(visit, live_server):
    """Open the admin of the live server as somebody, in a language."""

    def opened(name, language="en", **more):
        page = visit(live_server.url, language, **more)
        enter(page, name, "secret", lambda: code(TOTPDevice.objects.get(user__username=name)))
        return page

    return opened


def enter(page, name, password, tell):
    """Log in with password and second factor."""
    page.goto("/admin/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")
    page.wait_for_url("**/second-factor/**")
    page.fill("input[name=token]", tell())
    page.click("#second-factor button[type=submit]")
    page.wait_for_url("**/docket/**")


@pytest.fixture(scope="session")
def running_stack():
    """Web, workers, beat, PostgreSQL and Valkey of a copy of this checkout."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        with Stack.started(Path(name)) as stack:
            yield stack


@pytest.fixture
def stack(running_stack, visit):
    """The running stack; `log_in` opens its desk as one of the demo's staff."""
    running_stack.visit = visit
    yield running_stack
    running_stack.clear()


@pytest.fixture
def picture():
    """Take a picture into var/screenshots."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def taken(page, name):
        page.evaluate(LOOK)
        page.screenshot(path=PICTURES / f"{name}.png")

    return taken
