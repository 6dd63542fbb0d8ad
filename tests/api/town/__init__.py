"""A town where everything can be asked for: two marketplaces, a sandbox, cases in every place."""

from uuid import uuid4

from cases.inputs import FOR
from cases.models import Clock
from cases.roles import PARTIES
from tests import world
from tests.api import test_actions as places
from tests.api.callers import Caller
from tests.api.feed import let_all_be_told
from tests.api.schema import operations
from tests.api.test_actions import PLACES, valid
from tests.api.town.cases import Cases
from tests.api.town.complaints import Complaints
from tests.api.town.errand import KEY, MINUTE, Errand
from tests.api.town.recoveries import Recoveries
from tests.api.town.sandbox import Sandboxes
from tests.api.town.shop import Shop
from tests.api.town.webhooks import Webhooks
from tests.mediation.story import bazaar

ROLES = (*PARTIES, "service")
LOOKS = {  # operations that show something of one case: who looks at which place
    "get_case": (places.completed, "buyer"),
    "list_applications_of_case": (places.refused, "buyer"),
    "list_timeline": (places.appealed, "seller"),
    "explain_case": (places.gathering, "buyer"),
    "get_clocks": (places.gathering, "seller"),
    "list_offers": (places.offered_in_mediation, "seller"),
    "list_refunds": (places.refunding, "service"),
    "list_parcels": (places.inspecting, "buyer"),
    "get_dispute": (places.appealed, "buyer"),
    "list_evidence": (places.half_gathered, "buyer"),
    "get_forecast": (places.on_its_way, "buyer"),
}


class Town(Cases, Complaints, Recoveries, Shop, Sandboxes, Webhooks):
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
        let_all_be_told()

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
        """Tell how something is asked for.

        :raises AttributeError: an operation is new, and nobody here knows how
        """
        if operation in LOOKS:
            return self.look(*LOOKS[operation])
        if operation in FOR:
            return self._step(operation)
        return getattr(self, operation)()

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
