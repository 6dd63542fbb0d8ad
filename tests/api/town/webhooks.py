"""Errands about the endpoints of webhooks."""

from datetime import timedelta
from functools import cached_property

from cases.ids import new_id
from notifications.channels.webhook import new_secret
from notifications.models import Delivery, WebhookEndpoint
from tests.api.town.errand import KEY, Errand
from tests.world import day


class Webhooks:
    """One endpoint; of its deliveries one waits and one was given up."""

    @cached_property
    def endpoint(self):
        found = WebhookEndpoint.objects.create(
            id=new_id(day(0)),
            marketplace_id=self.bought.marketplace_id,
            url="https://hooks.shop.example/cases",
            secret=new_secret(),
        )
        for number, dead_at in enumerate((None, day(0))):
            Delivery.objects.create(
                endpoint=found,
                case_id=self.bought.pk,
                event_id=new_id(day(number)),
                sequence=1,
                body='{"type": "case.open"}',
                due_at=day(0) + timedelta(hours=1),
                dead_at=dead_at,
            )
        return found

    def _of_endpoint(self, **request):
        return Errand(self.shop, {"endpoint_id": str(self.endpoint.pk)}, **request)

    def list_webhook_endpoints(self):
        assert self.endpoint
        return Errand(self.shop)

    def create_webhook_endpoint(self):
        body = {"url": "https://hooks.shop.example/", "types": ["case.open", "consequence"]}
        return Errand(self.shop, headers=KEY, body=body)

    def get_webhook_endpoint(self):
        return self._of_endpoint()

    ping_webhook_endpoint = get_webhook_endpoint
    list_webhook_deliveries = get_webhook_endpoint
    replay_webhook_deliveries = get_webhook_endpoint
    remove_webhook_endpoint = get_webhook_endpoint

    def change_webhook_endpoint(self):
        return self._of_endpoint(body={"types": ["case.rule"], "active": True})

    def rotate_webhook_secret(self):
        return self._of_endpoint(headers=KEY, body={"overlap_hours": 1})
