"""Errands in a marketplace whose time we move."""

from datetime import timedelta
from functools import cached_property

from tests.api.sandboxes import Sandbox
from tests.api.town.errand import Errand


class Sandboxes:
    """A sandbox, made when it is first asked for."""

    @cached_property
    def sandbox(self):
        return Sandbox()

    def _sandboxed(self, **request):
        return Errand(self.sandbox.shop, **request)

    def get_sandbox_clock(self):
        return self._sandboxed()

    def advance_sandbox_clock(self):
        self.sandbox.open(self.sandbox.order())
        later = self.sandbox.now + timedelta(days=9)  # than other errands here let pass
        return self._sandboxed(body={"to": later.isoformat()})

    def list_sandbox_letters(self):
        self.sandbox.open(self.sandbox.order())
        self.sandbox.passes(hours=1)
        return self._sandboxed()

    def script_sandbox_gateway(self):
        return self._sandboxed(body={"script": "fail ok"})

    def plan_sandbox_parcel(self):
        case = self.sandbox.open(self.sandbox.order())
        self.sandbox.does("seller", case, "approve")
        case = self.sandbox.does("buyer", case, "ship_return", carrier="sf", tracking_no="SF777")
        path = {"parcel_id": case["parcels"][0]["id"]}
        return self._sandboxed(path=path, body={"plan": "deliver"})

    def rule_in_sandbox(self):
        case = self.sandbox.open(self.sandbox.order())
        said = {"reason": "outside_window", "statement": "Too late."}
        self.sandbox.does("seller", case, "refuse", **said)
        self.sandbox.does("buyer", case, "escalate")
        verdict = {"remedy": "none", "fault": {"buyer": 100}, "statement": "As the photos show."}
        return self._sandboxed(path={"case_id": case["id"]}, body=verdict)

    def decide_complaint_in_sandbox(self):
        case = self.sandbox.open(self.sandbox.order())
        complaint = self.sandbox.complains(case)
        self.sandbox.passes(days=4)  # Bea says nothing
        decision = {"verdict": "upheld", "restrictions": ["notice"], "statement": "So it is."}
        return self._sandboxed(path={"complaint_id": complaint["id"]}, body=decision)
