"""The guide is run: every request, every answer, every piece of Python that it shows."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from rest_framework.test import APIClient
from standardwebhooks import Webhook

from mediation.sandbox import making
from notifications.channels.webhook import new_secret
from tests import world
from tests.files import samples
from tests.workers import until
from tests.world import MONDAY, day

pytestmark = pytest.mark.django_db(transaction=True)

GUIDE = Path(settings.BASE_DIR) / "docs" / "guide.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOLE = re.compile(r"\{\{([\w ]+)\}\}")


class Reader:
    """Somebody who types everything that the guide shows, and compares what comes back."""

    def __init__(self):
        world.policy()
        market = making.marketplace("guide", name="G", policy="default", start=day(0), at=day(0))
        self.known = {"issuer": market.issuer, "secret": market.secret}
        self.answer = self.ask = None
        self.count = 0

    def filled(self, text):
        return HOLE.sub(lambda hole: self.known.get(hole[1], hole[0]), text)

    def python(self, source):
        exec(source, self.known)  # noqa: S102 -- the guide's own words

    def http(self, text):
        first, _, rest = text.partition("\n")
        if first.startswith("HTTP/"):
            self.compare(first, rest)
        else:
            self.send(*first.split(), rest)

    def send(self, method, path, rest):
        told, _, body = self.filled("\n" + rest).partition("\n\n")
        headers = dict(line.split(": ", 1) for line in told.strip().splitlines())
        kind = headers.pop("Content-Type", "")
        content = body.encode()
        if kind.startswith("multipart/"):
            photo = samples.jpeg()
            content = body.replace("\n", "\r\n").encode().replace(b"{{a photo}}", photo)
        path = self.filled(path)
        self.ask = lambda: APIClient().generic(method, path, content, kind, headers=headers)
        self.answer = self.ask()
        self.count += 1

    def compare(self, first, rest):
        told, _, body = self.filled("\n" + rest).partition("\n\n")
        shown = f"{self.answer.status_code} {self.answer.reason_phrase}"
        assert shown == first.removeprefix("HTTP/1.1 "), self.answer.content
        for line in filter(None, told.strip().splitlines()):
            name, value = line.split(": ", 1)
            assert self.answer[name] == value
        told = json.loads(body)
        if len(told.get("results", ())) > len(self.answer.json().get("results", ())):
            # Any transaction on the server holds the feed back; the guide says: ask again.
            until(lambda: self.is_fit(told, self.ask().json()), seconds=60)
            self.answer = self.ask()
        self.fits(told, self.answer.json(), "")

    def fits(self, told, found, at):
        """See that all that is shown is there; learn what a hole stands for."""
        if isinstance(told, dict):
            assert isinstance(found, dict), at
            for name, value in told.items():
                assert name in found, f"{at}/{name} of {sorted(found)}"
                self.fits(value, found[name], f"{at}/{name}")
        elif isinstance(told, list):
            left = iter(found)
            for number, value in enumerate(told):
                assert any(self.is_fit(value, each) for each in left), (f"{at}/{number}", found)
        elif isinstance(told, str) and (hole := HOLE.fullmatch(told)):
            assert isinstance(found, str), at
            self.known[hole[1]] = found
        else:
            assert told == found, at

    def is_fit(self, told, found):
        try:
            self.fits(told, found, "")
        except AssertionError:
            return False
        return True


def blocks():
    return BLOCK.findall(GUIDE.read_text())


def test_everything_in_the_guide_is_true():
    reader = Reader()

    for language, text in blocks():
        getattr(reader, language)(text)

    assert reader.count > 25
    assert HOLE.findall(reader.filled(GUIDE.read_text())) == ["name", "a photo"]


def test_requests_and_answers_take_turns():
    kinds = ["answer" if t.startswith("HTTP/") else "request" for k, t in blocks() if k == "http"]

    assert kinds == ["request", "answer"] * (len(kinds) // 2)


def test_the_guide_knows_our_signatures_from_others():
    [*_, (_, source)] = [block for block in blocks() if block[0] == "python"]
    exec(source, known := {})  # noqa: S102 -- the guide's own words
    secret, body, at = new_secret(), '{"case": "杯"}', MONDAY
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": "v1,x " + Webhook(secret).sign("msg_1", at, body),
    }
    now = at.timestamp()

    def heard(*, body=body, secret=secret, now=now, **more):
        return known["is_ours"]({**headers, **more}, body.encode(), secret, now)

    assert heard()
    assert not heard(body=body + " ")
    assert not heard(secret=new_secret())
    assert not heard(now=now + 301)
    assert not heard(**{"webhook-id": "msg_2"})
