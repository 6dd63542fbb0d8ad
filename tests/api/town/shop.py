"""Errands of a marketplace's own systems, and of whoever looks at what they tell."""

import json
from functools import cached_property
from uuid import uuid4

from mediation.gateways import sandbox as gateways
from mediation.gateways.models import GatewayAccount
from mediation.steps import database_clock
from tests import world
from tests.api import test_actions as places
from tests.api.callers import Caller
from tests.api.test_orders import told
from tests.api.test_parcel_events import message, traced
from tests.api.town.errand import MINUTE, Errand
from tests.mediation.paying import signed
from tests.mediation.story import bazaar


class Shop:
    """What has been bought, by whom, and where."""

    @cached_property
    def bought(self):
        return world.order(bazaar(), quantity=2)

    @cached_property
    def bea(self):
        return Caller(self.bought.marketplace, "buyer", self.bought.buyer.ref)

    @cached_property
    def shop(self):
        return Caller(self.bought.marketplace, "service")

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

    def get_reports(self):
        story = self.story(places.completed)
        day = story.now.date().isoformat()
        return Errand(self.shop, query={"from": day, "to": day})

    def get_report_csv(self):
        return Errand(self.shop, {"figure": "outcomes"})

    def get_policy(self):
        return Errand(self.bea)

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
