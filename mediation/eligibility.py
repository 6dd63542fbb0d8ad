"""The check before applying: what `open` would see of an order, and what it would say."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from cases import eligibility, hints, views
from cases.actors import Actor
from cases.ids import new_id
from cases.models import Case, Order
from cases.serializers.eligibility import EligibilityOut
from mediation import loading, opening
from mediation.changes import Changes
from mediation.looking import clock_of
from mediation.steps import Wish


class EligibilityChecks(views.View):
    """What may be applied for of an order; nothing is kept of the question."""

    serializer_class = EligibilityOut

    @extend_schema(operation_id="check_eligibility")
    def get(self, _request: Request, ref: str) -> Response:
        """Answer for each line: which reasons and remedies, how much, until when, what to bring."""
        order = self.order(ref, "seller", "marketplace")
        case = imagined(order, self.actor)
        rules = case.facts.policy
        twins = hints.twins(order, case.facts.lines.values(), rules.duplicate_hours)
        told = eligibility.eligibility(case, twins)
        return Response(self.get_serializer(told).data)


def imagined(order: Order, actor: Actor) -> Case:
    """Make the case that `open` would begin with, with its facts; nothing is written."""
    changes = Changes(at=clock_of(order.marketplace)())
    blank = {"reason": "", "remedy": ""}
    case_id = new_id(changes.at)
    wish = Wish(case_id=case_id, order_id=order.id, step="open", by=actor, inputs=blank)
    [case] = opening.new_cases([wish], changes).values()
    loading.load([case], changes)
    case.facts.begin(actor)
    return case
