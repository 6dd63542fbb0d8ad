"""The whole system in a copy of this checkout, and its marketplace's people as they call it."""

import contextlib
import json
import subprocess
import sys
import time
from base64 import b32decode, urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import requests
from django_otp.oath import totp

from tests.checkout import WITHOUT_SERVERS, Checkout, stop

DAY = timedelta(days=1)
PATIENCE = 20  # seconds for the API
START = 240  # seconds for everything to be up, on a machine that is busy otherwise


class Stack:
    """A stack that is up, with the demo's marketplace and staff and nobody who plays."""

    def __init__(self, checkout, prepared):
        self.checkout = checkout
        self.web = checkout.record["web"]
        self.staff = prepared["staff"]
        tokens = prepared["tokens"]
        self.bea, self.sam, self.shop = (
            Caller(self.web, tokens[role]) for role in ("buyer", "seller", "service")
        )
        for role, caller in (("buyer", self.bea), ("seller", self.sam)):
            reached = {"language": "zh-hans", "email": f"{role}@shop.example"}
            self.shop.put(f"parties/{role}/{caller.party}/contacts", **reached)
        self.cookies = {}
        self.disputes = []
        self.visit = None

    @classmethod
    @contextlib.contextmanager
    def started(cls, folder):
        """Start everything in a folder, and stop all of it in the end."""
        checkout = Checkout(folder)
        try:
            supervisor = checkout.start(DEMO="0", within=START)  # the demo's people would play
            yield cls(checkout, _prepare(folder))
            assert stop(supervisor) == 0
        finally:
            checkout.remove()

    # At the desk

    def log_in(self, name, language="en", **more):
        """Open the desk as one of the staff; password and code are asked for once."""
        known = self.cookies.get(name)
        page = self.visit(self.web, language, storage_state=known, **more)
        if known is None:
            self.enter(page, name)
        page.goto("/admin/cases/docket/")
        return page

    def enter(self, page, name):
        """Log in with password and second factor, as a person does."""
        from tests.browser.conftest import enter  # noqa: PLC0415 -- it imports this

        enter(page, name, self.staff["password"], self._code)
        state = page.context.storage_state()
        self.cookies[name] = {
            **state,
            "cookies": [row for row in state["cookies"] if row["name"] == "sessionid"],
        }

    def _code(self):
        secret = self.staff["second_factor"]
        return f"{totp(b32decode(secret + '=' * (-len(secret) % 8))):06d}"

    # Over the API

    def order(self, paid, title="降噪耳机"):
        """Tell of an order that arrived yesterday; give its ref."""
        now, ref = datetime.now(UTC), f"o-{uuid4().hex[:8]}"
        amount = {"amount": paid, "currency": "CNY"}
        self.shop.put(
            f"orders/{ref}",
            buyer={"ref": self.bea.party, "language": "zh-hans"},
            seller={"ref": self.sam.party, "language": "zh-hans"},
            currency="CNY",
            freight={"amount": "0.00", "currency": "CNY"},
            lines=[{"ref": "1", "sku": "SKU-1", "title": title, "quantity": 1, "paid": amount}],
            payments=[
                {
                    "ref": "p",
                    "method": "card",
                    "amount": amount,
                    "captured_at": str(now - 5 * DAY),
                }
            ],
            placed_at=str(now - 5 * DAY),
            shipped_at=str(now - 4 * DAY),
            promised_at=str(now - DAY),
            delivered_at=str(now - DAY),
        )
        return ref

    def dispute(self, paid="300.00"):
        """Let a buyer complain, a seller refuse and the buyer ask for mediation; give the case."""
        case = self.bea.post(
            "cases",
            order=self.order(paid),
            reason="unsafe",
            remedy="refund_only",
            items=[{"line": "1", "quantity": 1}],
            statement="插头烧焦了。",
            evidence=[{"slot": "photo_goods", "sha256": "5e" * 32}],
        )
        self.sam.step(
            case["id"],
            "refuse",
            reason="no_defect",
            statement="同批次产品检测均无问题。",
            evidence=[{"slot": "test_report", "sha256": "b2" * 32}],
        )
        self.bea.step(case["id"], "escalate")
        self.disputes.append(case["id"])
        return case

    def complaint(self, case, ground, statement):
        """Let the seller of a case complain of its buyer, and the buyer tell its side."""
        complaint = self.sam.post("complaints", case=case["id"], ground=ground, statement=statement)
        return self.bea.post(
            f"complaints/{complaint['id']}/steps/answer",
            version=complaint["version"],
            statement="商品确有质量问题，我没有恶意。",
        )

    def clear(self):
        """Leave nothing in the docket, so that the next dispute is the next to be claimed."""
        while self.disputes:
            case = self.bea.get(f"cases/{self.disputes.pop()}")
            if any(action["name"] == "withdraw" for action in case["actions"]):
                self.bea.step(case["id"], "withdraw")

    def wait_for(self, case, state, *, seconds=30):
        """Wait until workers have brought a case there; give it.

        :raises AssertionError: they have not, in time
        """
        deadline = time.monotonic() + seconds
        while (seen := self.shop.get(f"cases/{case['id']}"))["state"] != state:
            assert time.monotonic() < deadline, f"{seen['state']} after {seconds} s, not {state}"
            time.sleep(0.2)
        return seen

    def sql(self, statement, *values):
        """Do what only time or an accident does."""
        with psycopg.connect(self.checkout.record["database_url"], autocommit=True) as connection:
            found = connection.execute(statement, values)
            return found.fetchall() if found.description else found.rowcount


class Caller:
    """Somebody with a token, over HTTP. Every answer is a success, or the test fails."""

    def __init__(self, web, token):
        self.address = f"{web}/api/v1/"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        claims = token.split(".")[1]
        self.party = json.loads(urlsafe_b64decode(claims + "==")).get("party", "")

    def get(self, path):
        return self._ask("GET", path)

    def put(self, path, **body):
        return self._ask("PUT", path, body)

    def post(self, path, *, version=None, **body):
        headers = {"Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._ask("POST", path, body, headers)

    def step(self, case_id, name, **inputs):
        """Take a step of a case as it stands."""
        version = self.get(f"cases/{case_id}")["version"]
        return self.post(f"cases/{case_id}/steps/{name}", version=version, **inputs)

    def refused(self, path, **body):
        """Post what is refused; give the problem."""
        return self._ask("POST", path, body, {"Idempotency-Key": str(uuid4())}, well=False)

    def _ask(self, method, path, body=None, headers=None, *, well=True):
        answer = self.session.request(
            method, self.address + path, json=body, headers=headers, timeout=PATIENCE
        )
        assert answer.ok is well, (method, path, answer.status_code, answer.text)
        return answer.json()


def _prepare(folder):
    """Make the demo's marketplace, staff and tokens in a stack that is up without them."""
    argv = [sys.executable, "-m", "config.stack.prepare"]
    env = {name: value for name, value in WITHOUT_SERVERS.items() if name != "DEMO"}
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
