"""Where the goods are decides which reasons fit: by the moment, not by what is announced."""

import pytest

from cases.refusals import NotEligible
from tests import world
from tests.world import day

pytestmark = pytest.mark.django_db


def test_goods_that_will_be_shipped_tomorrow_are_not_shipped():
    bought = world.order(world.marketplace(), delivered=None)
    bought.shipped_at = day(1)
    bought.save(update_fields=["shipped_at"])

    with pytest.raises(NotEligible):  # only what is on its way can be lost
        world.open_case(bought, reason="lost", remedy="refund_only", evidence=[])

    opened = world.open_case(bought, reason="out_of_stock", remedy="refund_only")
    assert opened.state == "awaiting_seller"
