"""Headless Chromium on a live server: `make browser`."""

import os
import shutil
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django_otp.plugins.otp_totp.models import TOTPDevice

from mediation.management.commands.demo_code import code

NAMES = ("chromium", "chromium-browser", "google-chrome")
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
PICTURES = settings.BASE_DIR / "var" / "screenshots"


class Opened(NamedTuple):
    """A page, what it asked for and what it complained of."""

    page: Any
    requests: list[str]
    errors: list[str]


@pytest.fixture(scope="session")
def chromium():
    """Start the browser, or say loudly what is missing."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.exit(
            "Chromium is missing: apt-get install chromium, or name one with CHROMIUM=/path/to/it",
            returncode=3,
        )
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only when it is needed

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def log_in(chromium, live_server):
    """Open the admin as somebody, in a language."""
    contexts = []

    def opened(name, language="en", *, dark=False, height=None):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=SIZE | ({"height": height} if height else {}),
            color_scheme="dark" if dark else "light",
            locale={"en": "en-GB", "zh-hans": "zh-CN"}[language],
        )
        contexts.append(context)
        page, requests, errors = context.new_page(), [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        page.goto("/admin/")
        page.fill("input[name=username]", name)
        page.fill("input[name=password]", "secret")
        page.click("button[type=submit]")
        page.wait_for_url("**/second-factor/**")
        page.fill("input[name=token]", code(TOTPDevice.objects.get(user__username=name)))
        page.click("#second-factor button[type=submit]")
        page.wait_for_url("**/docket/**")
        return Opened(page, requests, errors)

    yield opened
    for context in contexts:
        context.close()


def foreign(requests, live_server):
    """List what was asked of another host."""
    own = urlsplit(live_server.url).netloc
    return [url for url in requests if urlsplit(url).netloc not in {own, ""}]


@pytest.fixture
def picture():
    """Take a picture into var/screenshots."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return lambda page, name: page.screenshot(path=PICTURES / f"{name}.png")
