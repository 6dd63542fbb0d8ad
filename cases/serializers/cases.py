"""Cases: in a list, after a step, and whole."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import money, standing
from cases.fields import MONEY_SCHEMA
from cases.hints import hints
from cases.lifecycle import State
from cases.menu import menu, with_inputs
from cases.models import Case
from cases.models.policy import begun
from cases.replies import REPLIED_AT, due_at
from cases.serializers.actions import ActionOut, ActionWithInput, UnavailableAction
from cases.serializers.base import MOMENT, Amount, Data, Priced
from cases.serializers.clocks import ClockOut, clocks_of, visible_clocks
from cases.serializers.papers import ApplicationOut, EventOut, ItemOut, OfferOut, ParcelOut
from cases.serializing import represent
from cases.writing import Writing, writing

GOING_BACK = {State.AWAITING_RETURN, State.RETURN_IN_TRANSIT}


class CaseMoney(serializers.Serializer):
    """What is asked for, agreed on and paid; `freight` is outbound."""

    asked = Amount(source="amount")
    compensation = Amount()
    medium = serializers.CharField(help_text="Of the compensation: money, coupon or points.")
    freight = Amount()


class CaseOut(Priced):
    """A case in a list."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    sequence = serializers.IntegerField()
    state = serializers.ChoiceField(choices=State.choices)
    my_state = serializers.SerializerMethodField()
    waiting_on = serializers.SerializerMethodField()
    due_at = serializers.SerializerMethodField()
    family = serializers.UUIDField(
        source="first_id", help_text="The case that this one was split off from, or itself."
    )
    held = serializers.BooleanField()
    order = serializers.CharField(source="order.ref")
    buyer = serializers.CharField(source="buyer.ref")
    seller = serializers.CharField(source="seller.ref")
    reason = serializers.CharField()
    remedy = serializers.CharField()
    money = CaseMoney(source="*")
    outcome = serializers.CharField()
    counts_against = serializers.SerializerMethodField(help_text="The shop, in its scorecard.")
    opened_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field({"type": "string", "enum": list(standing.AGAINST)})
    def get_counts_against(self, case: Case) -> str:
        return standing.counts_against(case)

    @extend_schema_field({"type": "string", "enum": list(standing.MY_STATES)})
    def get_my_state(self, case: Case) -> str:
        return standing.my_state(case, clocks_of(case), self.context["actor"].role)

    def get_waiting_on(self, case: Case) -> list[str]:
        return standing.waiting_on(case, clocks_of(case))

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_due_at(self, case: Case) -> Any:
        left = standing.running(case, clocks_of(case))
        return MOMENT.to_representation(left[0].due_at) if left else None  # type: ignore[arg-type]


class DetailMoney(CaseMoney):
    agreed = serializers.SerializerMethodField()
    refunded = serializers.SerializerMethodField()

    @extend_schema_field(MONEY_SCHEMA)
    def get_agreed(self, case: Case) -> dict[str, str]:
        return money.shown(sum(item.agreed for item in case.facts.items), case.currency)

    @extend_schema_field(MONEY_SCHEMA)
    def get_refunded(self, case: Case) -> dict[str, str]:
        return money.shown(sum(item.refunded for item in case.facts.items), case.currency)


class Standing(CaseOut):
    """A case with all that follows for whoever looks, and nothing of its past."""

    money = DetailMoney(source="*")
    detail = serializers.CharField(
        source="facts.application.detail", help_text="What exactly is the matter."
    )
    items = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()
    parcels = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()
    dispute = serializers.SerializerMethodField()
    handed_in = serializers.SerializerMethodField()
    delivery = serializers.CharField(
        help_text="How the goods that somebody misses came after all, by the carrier: "
        "at_pickup_point, signed, pickup_point or hand; empty: it has told nothing."
    )
    return_address = serializers.SerializerMethodField()
    rating = serializers.IntegerField(allow_null=True)
    actions = serializers.SerializerMethodField()

    @property
    def role(self) -> str:
        return self.context["actor"].role

    @extend_schema_field(ItemOut(many=True))
    def get_items(self, case: Case) -> Any:
        return [represent(ItemOut, item, self.context) for item in case.facts.items]

    @extend_schema_field(OfferOut(allow_null=True))
    def get_offer(self, case: Case) -> Any:
        offer = case.facts.offer
        return represent(OfferOut, offer, {**self.context, "case": case}) if offer else None

    @extend_schema_field(ParcelOut(many=True))
    def get_parcels(self, case: Case) -> Any:
        return [represent(ParcelOut, parcel) for parcel in case.facts.parcels]

    @extend_schema_field(ClockOut(many=True))
    def get_clocks(self, case: Case) -> Any:
        clocks = visible_clocks(case, self.role)
        return [represent(ClockOut, clock, {"case": case}) for clock in clocks]

    def get_return_address(self, case: Case) -> str:
        """Tell where the goods go while they are to be sent back; empty: the shop tells itself."""
        return case.seller.return_address if case.state in GOING_BACK else ""

    @extend_schema_field({"type": ["object", "null"]})
    def get_dispute(self, case: Case) -> Data | None:
        dispute = case.facts.dispute
        if dispute is None:
            return None
        state = standing.shown(str(dispute.state), self.role)
        shown = {"state": state, "round": dispute.round, "instance": dispute.instance}
        return {**shown, "overdue": dispute.overdue, "href": f"/api/v1/cases/{case.id}/dispute"}

    def get_handed_in(self, case: Case) -> list[str]:
        """Name the evidence slots that the actor's side has filled."""
        return sorted(case.facts.handed_in[self.role])

    @extend_schema_field(ActionOut(many=True))
    def get_actions(self, case: Case) -> Any:
        return [represent(ActionOut, action) for action in self.listed(case)[0]]

    def listed(self, case: Case) -> tuple[list[Data], list[Data]]:
        """Ask once what the actor may do."""
        if "menu" not in self.context:
            self.context["menu"] = menu(case, self.context["actor"])  # type: ignore[index]
        return self.context["menu"]


class Receipt(Standing):
    """What a command answers."""

    event = EventOut(required=False)
    split_into = serializers.UUIDField(
        required=False, help_text="The case that was split off by this step."
    )
    dry_run = serializers.BooleanField(required=False)


class CasePolicy(serializers.Serializer):
    """The version that a case stays with, and those in force at purchase and opening."""

    name = serializers.CharField(source="facts.policy.name")
    version = serializers.IntegerField(source="facts.policy.version")
    version_at_purchase = serializers.IntegerField(allow_null=True)
    version_at_application = serializers.IntegerField()


class FirstReply(serializers.Serializer):
    """Of the seller, whatever it says to the buyer or does; its decision has a clock."""

    due_at = serializers.SerializerMethodField()
    replied_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.DateTimeField)
    def get_due_at(self, case: Case) -> Any:
        return MOMENT.to_representation(due_at(case.policy_id, case.opened_at))


def with_past(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Have what a `CaseDetail` tells of the past read in one statement with the case."""

    def version_at(moment: str) -> Subquery:
        versions = begun(OuterRef("policy__name"), OuterRef(moment)).values("version")
        return Subquery(versions[:1])

    return cases.annotate(
        replied_at=REPLIED_AT,
        version_at_purchase=version_at("order__placed_at"),
        version_at_application=version_at("opened_at"),
    )


class CaseDetail(Standing):
    """Everything that whoever asks may know of a case, read `with_past`, besides its timeline."""

    applications = serializers.SerializerMethodField()
    hints = serializers.SerializerMethodField()
    policy = CasePolicy(source="*")
    first_reply = FirstReply(source="*")
    actions = serializers.SerializerMethodField()
    unavailable_actions = serializers.SerializerMethodField()
    messages = serializers.SerializerMethodField()

    @extend_schema_field(ApplicationOut(many=True))
    def get_applications(self, case: Case) -> Any:
        attempts = case.attempts.order_by("number")
        words = {row.id: row.text for row in self.context["statements"]}
        context = {**self.context, "words": words}
        return [represent(ApplicationOut, attempt, context) for attempt in attempts]

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_hints(self, case: Case) -> list[Data]:
        """Tell what the record says of it: goods bought twice, money charged."""
        return hints(case)

    @extend_schema_field(ActionWithInput(many=True))
    def get_actions(self, case: Case) -> Any:
        actions = with_inputs(case, self.listed(case)[0])
        return [represent(ActionWithInput, action) for action in actions]

    @extend_schema_field(Writing)
    def get_messages(self, case: Case) -> Data:
        """Tell how to write to the other side and to the mediators."""
        return writing(case, self.role)

    @extend_schema_field(UnavailableAction(many=True))
    def get_unavailable_actions(self, case: Case) -> Any:
        return [represent(UnavailableAction, action) for action in self.listed(case)[1]]
