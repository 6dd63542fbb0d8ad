"""Errands about what others owe."""

from functools import cached_property

from tests import world
from tests.api import test_actions as places
from tests.api.town.errand import Errand


class Recoveries:
    """A carrier owes something because of one case."""

    @cached_property
    def owed(self):
        return world.recovery(world.case(self.story(places.completed).id))

    def list_recoveries(self):
        assert self.owed
        return Errand(self.shop)

    def tell_recovery_result(self):
        return Errand(self.shop, {"recovery_id": str(self.owed.pk)}, body={"state": "paid"})
