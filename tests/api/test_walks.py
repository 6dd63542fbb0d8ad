"""What is published of a step is enough to take it, whatever has happened to the case before.

Buyer, seller, carrier and gateway come over the API with what it publishes alone: the schema of an
action and its limits. The platform's people come through the writer, as the desk does.
"""

from datetime import timedelta
from functools import cached_property

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.api.callers import Caller
from tests.api.generated import inputs
from tests.mediation.life import STAFF, AnyLife, live
from tests.sizes import size

pytestmark = pytest.mark.django_db(transaction=True)


class Published(AnyLife):
    """One case, over the API."""

    actors = STAFF
    stand_at = None

    @cached_property
    def callers(self):
        order = self.story.order
        return {
            "buyer": Caller(order.marketplace, "buyer", order.buyer.ref),
            "seller": Caller(order.marketplace, "seller", order.seller.ref),
            "service": Caller(order.marketplace, "service"),
        }

    @rule(role=st.sampled_from(["buyer", "seller", "service"]), data=st.data())
    def a_party_acts(self, role, data):
        """What is listed is taken with what is published of it; what is not is refused as told."""
        self.story.now += timedelta(minutes=1)
        self.stand_at(self.story.now)
        caller = self.callers[role]
        case = caller.case(self.story.id)
        if closed := case["unavailable_actions"]:
            action = data.draw(st.sampled_from(closed))
            answer = caller.step(case, action["name"], dry_run=True)
            assert answer.json()["code"] in {action["code"], "INVALID"}, (action, answer.json())
        if case["actions"]:
            action = data.draw(st.sampled_from(case["actions"]))
            body = inputs(data.draw, action)
            answer = caller.step(case, action["name"], **body)
            assert answer.status_code == 200, (action["name"], answer.json(), body)


@pytest.mark.parametrize("number", range(size(3, 30)))  # side by side
def test_whatever_happens_what_is_listed_is_possible_and_all_is_well_in_the_end(number, stand_at):
    live(
        type(f"Published{number}", (Published,), {"stand_at": staticmethod(stand_at)}),
        lives=size(100, 170),
        steps=10,
    )
