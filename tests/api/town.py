"""A town where everything can be asked for: two marketplaces, a sandbox, cases in every place.

An errand is one request as it should be: who asks, for what, at which moment.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cases.inputs import FOR
from cases.models import Clock
from cases.roles import PARTIES
from mediation.gateways import sandbox as gateways
from mediation.gateways.models import GatewayAccount
from mediation.steps import database_clock
from tests import world
from tests.api import test_actions as places
from tests.api.callers import Caller, application
from tests.api.sandboxes import Sandbox
from tests.api.schema import operations
from tests.api.test_actions import PLACES, valid
from tests.api.test_orders import told
from tests.api.test_parcel_events import message, traced
from tests.files import samples
from tests.files.sending import brought
from tests.mediation.story import Story, bazaar
from tests.mediation.test_gateway import signed
from tests.world import day

MINUTE = timedelta(minutes=1)
ROLES = (*PARTIES, "service")
KEY = {"Idempotency-Key": "errand"}
LOOKS = {  # operations that show something of one case: who looks at which place
    "get_case": (places.completed, "buyer"),
    "list_applications_of_case": (places.refused, "buyer"),
    "list_timeline": (places.appealed, "seller"),
    "get_clocks": (places.gathering, "seller"),
    "list_offers": (places.offered_in_mediation, "seller"),
    "list_refunds": (places.refunding, "service"),
    "list_parcels": (places.inspecting, "buyer"),
    "get_dispute": (places.appealed, "buyer"),
    "list_evidence": (places.half_gathered, "buyer"),
    "list_messages": (Story, "seller"),
    "get_forecast": (places.on_its_way, "buyer"),
}


@dataclass
class Errand:
    """One request, and the moment that is the present for it."""

    caller: Caller | None = None
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    at: Any = day(0)
    story: Any = None


class Town:
    """Everybody and everything, ready for every operation."""

    def __init__(self, stand_at):
        self.stand_at = stand_at
        self.stories = {}
        self.souk = world.marketplace("souk")
        market = bazaar()
        self.neighbours = [Caller(market, r, world.party(market, r).ref) for r in PARTIES]
        self.foreigners = [Caller(self.souk, r, f"{r}-1" if r in PARTIES else "") for r in ROLES]
        self.looks = {place: [self.look(place, role) for role in ROLES] for place in PLACES}
        self.errands = {operation: self._errand(operation) for operation in operations()}

    def story(self, place):
        """Tell how a case has come to a place, once."""
        if place not in self.stories:
            found = self.stories[place] = place()
            # The days of other stories are not the days of this one.
            Clock.objects.filter(case=found.id).update(clock_id=uuid4())
        return self.stories[place]

    def caller(self, story, role):
        ref = getattr(getattr(story.order, role, None), "ref", "")
        return Caller(story.order.marketplace, role, ref)

    def shown(self, story, role):
        """Look at a case as it stands a minute later."""
        self.stand_at(story.now + MINUTE)
        return self.caller(story, role).case(story.id)

    def _errand(self, operation):
        """Tell how something is asked for; what is not known here is tried as a look."""
        if operation in LOOKS:
            return self.look(*LOOKS[operation])
        if operation in FOR:
            return self._step(operation)
        return getattr(self, operation, self._anything)()

    def look(self, place, role):
        story = self.story(place)
        path = {"case_id": str(story.id)}
        return Errand(self.caller(story, role), path, at=story.now + MINUTE)

    def _step(self, step):
        for place in PLACES:
            for role in ROLES:
                story = self.story(place)
                case = self._listing(place, role)
                if step in [action["name"] for action in case["actions"]]:
                    return Errand(
                        self.caller(story, role),
                        {"case_id": case["id"]},
                        headers=KEY | {"If-Match": f'"{case["version"]}"'},
                        body=valid(step, case),
                        at=story.now + MINUTE,
                        story=story,
                    )
        raise LookupError(f"nobody may take {step} in any place")

    def _listing(self, place, role):
        if (place, role) not in self.stories:
            self.stories[place, role] = self.shown(self.story(place), role)
        return self.stories[place, role]

    def _anything(self):
        story = self.story(Story)
        path = {"case_id": str(story.id), "ref": story.order.ref, "role": "buyer"}
        path |= {"figure": "outcomes"}
        path = defaultdict(lambda: str(uuid4()), path)
        return Errand(self.caller(story, "service"), path, at=story.now + MINUTE)

    # What is not about one case

    @cached_property
    def bought(self):
        return world.order(bazaar(), quantity=2)

    @cached_property
    def bea(self):
        return Caller(self.bought.marketplace, "buyer", self.bought.buyer.ref)

    @cached_property
    def shop(self):
        return Caller(self.bought.marketplace, "service")

    def list_cases(self):
        query = {"waiting_on": "seller", "due_before": day(9).isoformat(), "limit": 2}
        return Errand(self.caller(self.story(Story), "buyer"), query=query)

    def list_applications(self):
        return Errand(self.caller(self.story(places.refused), "seller"))

    def open_case(self):
        wanted = application(self.bought, reason="quality", evidence=[{"slot": "photo_goods"}])
        return Errand(self.bea, headers=KEY, body=wanted)

    def forecast_step(self):
        errand = self.look(Story, "buyer")
        errand.body = {"step": "withdraw", "inputs": {}}
        return errand

    def send_message(self):
        errand = self.look(Story, "seller")
        errand.headers, errand.body = KEY, {"text": "Well?", "audience": "all"}
        return errand

    def upload_file(self):
        return Errand(self.bea, headers=KEY, body={"file": samples.jpeg()})

    @cached_property
    def links(self):
        """Have Bea write with a photo, and give the links to it."""
        story = self.story(Story)
        self.stand_at(story.now + MINUTE)
        bea = self.caller(story, "buyer")
        sent = bea.post(f"cases/{story.id}/messages", {"files": [brought(bea)]})
        assert sent.status_code == 201, sent.content
        [written] = bea.get(f"cases/{story.id}/messages").json()["results"]
        return written["files"][0]

    def read_file(self):
        link = urlsplit(self.links["links"]["content"])
        *_, file_id, form = link.path.split("/")
        query = {name: value for name, [value] in parse_qs(link.query).items()}
        return Errand(path={"file_id": file_id, "form": form}, query=query)

    def get_order(self):
        return Errand(self.bea, {"ref": self.bought.ref})

    check_eligibility = get_order

    def put_order(self):
        return Errand(self.shop, {"ref": "new"}, body=told())

    def keep_contacts(self):
        body = {"language": "zh-hans", "email": "bea@example.com", "time_zone": "Asia/Shanghai"}
        return Errand(self.shop, {"role": "buyer", "ref": self.bought.buyer.ref}, body=body)

    def tell_parcel_event(self):
        return Errand(self.shop, body=message())

    def tell_carrier_body(self):
        return Errand(self.shop, {"adapter": "generic"}, body=traced("accepted", "delivered"))

    def list_events(self):
        return Errand(self.shop, query={"limit": 3})

    def get_process(self):
        return Errand(self.bea)

    def draw_process(self):
        return Errand(self.bea, query={"machine": "dispute"})

    def gateway_event(self):
        story = self.story(places.refunding)
        account = GatewayAccount.objects.create(
            id=uuid4(),
            marketplace=story.order.marketplace,
            gateway="sandbox",
            secret=gateways.new_secret(),
        )
        body = json.dumps({"type": "refund.succeeded", "refund": str(story.refund.id)})
        headers = signed(account, body, moment=database_clock())
        return Errand(headers=headers, body=body.encode(), at=story.now + MINUTE)

    # The sandbox

    @cached_property
    def sandbox(self):
        return Sandbox()

    def _sandboxed(self, **request):
        return Errand(self.sandbox.shop, **request)

    def get_sandbox_clock(self):
        return self._sandboxed()

    def advance_sandbox_clock(self):
        self.sandbox.open(self.sandbox.order())
        return self._sandboxed(body={"to": (self.sandbox.now + timedelta(days=3)).isoformat()})

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
