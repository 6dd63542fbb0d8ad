"""How the record looks from outside: one class is one representation, fields named one by one.

The context gives the `actor` who looks, and `currency` where a row has none of its own. A case
that has facts is shown as they are, else as it is stored.
"""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import money, standing, terms
from cases.fields import MONEY_SCHEMA
from cases.lifecycle import State
from cases.menu import menu, with_inputs
from cases.models import Case, Clock, Order
from cases.models.policy import pinned

Data = dict[str, Any]
MOMENT = serializers.DateTimeField()


@extend_schema_field(MONEY_SCHEMA)
class Amount(serializers.Field):
    """Minor units, shown as a decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: int) -> dict[str, str]:
        return money.shown(value, self.context["currency"])


class Priced(serializers.Serializer):
    """A row with a currency of its own, which holds for all amounts in it."""

    def to_representation(self, instance: Any) -> Data:
        self.context["currency"] = instance.currency
        return super().to_representation(instance)


class OrderLineOut(serializers.Serializer):
    ref = serializers.CharField()
    sku = serializers.CharField()
    title = serializers.CharField()
    category = serializers.CharField()
    flags = serializers.ListField(child=serializers.CharField())
    quantity = serializers.IntegerField()
    claimed = serializers.IntegerField()
    paid = Amount()
    discounts = Amount()
    reserved = Amount()
    refunded = Amount()
    outside = Amount()


class PaymentOut(serializers.Serializer):
    ref = serializers.CharField()
    method = serializers.CharField()
    amount = Amount()
    captured_at = serializers.DateTimeField()
    given_back = Amount()


class OrderOut(Priced):
    """An order as it was told, with what has been claimed and given back of it."""

    ref = serializers.CharField()
    buyer = serializers.CharField(source="buyer.ref")
    seller = serializers.CharField(source="seller.ref")
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    placed_at = serializers.DateTimeField()
    promised_at = serializers.DateTimeField()
    shipped_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField()
    listing_hash = serializers.CharField()
    freight = Amount()
    freight_refunded = Amount()
    lines = serializers.SerializerMethodField()
    payments = serializers.SerializerMethodField()
    cases = serializers.SerializerMethodField()

    @extend_schema_field(OrderLineOut(many=True))
    def get_lines(self, order: Order) -> Any:
        lines = sorted(order.lines.all(), key=lambda line: line.ref)
        return OrderLineOut(lines, many=True, context=self.context).data

    @extend_schema_field(PaymentOut(many=True))
    def get_payments(self, order: Order) -> Any:
        payments = sorted(order.payments.all(), key=lambda payment: payment.captured_at)
        return PaymentOut(payments, many=True, context=self.context).data

    def get_cases(self, order: Order) -> list[str]:
        return [str(case_id) for case_id in sorted(case.id for case in order.cases.all())]


class ClockOut(serializers.Serializer):
    """A clock that runs (`due_at`), or stands still (`remaining_s`)."""

    name = serializers.CharField()
    waits_on = serializers.SerializerMethodField()
    length = serializers.CharField()
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    remaining_s = serializers.SerializerMethodField()
    extensions = serializers.IntegerField()
    on_expiry = serializers.SerializerMethodField()

    def get_waits_on(self, clock: Clock) -> str:
        return standing.owner(clock)

    def get_remaining_s(self, clock: Clock) -> int | None:
        return None if clock.remaining is None else int(clock.remaining.total_seconds())

    def get_on_expiry(self, clock: Clock) -> str:
        case = self.context["case"]
        about = {"reason": case.reason, "amount": case.amount, "currency": case.currency}
        return pinned(case.policy_id).consequence(clock.name, **about)


class CaseMoney(serializers.Serializer):
    """What is asked for, agreed on and paid; `freight` is outbound."""

    asked = Amount(source="amount")
    compensation = Amount()
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
    held = serializers.BooleanField()
    order = serializers.CharField(source="order.ref")
    buyer = serializers.CharField(source="buyer.ref")
    seller = serializers.CharField(source="seller.ref")
    reason = serializers.CharField()
    remedy = serializers.CharField()
    money = CaseMoney(source="*")
    outcome = serializers.CharField()
    opened_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()

    @extend_schema_field({"type": "string", "enum": list(standing.MY_STATES)})
    def get_my_state(self, case: Case) -> str:
        return standing.my_state(case, clocks_of(case), self.context["actor"].role)

    def get_waiting_on(self, case: Case) -> list[str]:
        return standing.waiting_on(case, clocks_of(case))

    @extend_schema_field({"type": ["string", "null"], "format": "date-time"})
    def get_due_at(self, case: Case) -> Any:
        left = standing.running(case, clocks_of(case))
        return MOMENT.to_representation(left[0].due_at) if left else None


def clocks_of(case: Case) -> list[Clock]:
    """Give a case's clocks: of its facts, or as prefetched."""
    return case.facts.clocks if hasattr(case, "facts") else list(case.clocks.all())


def visible_clocks(case: Case, role: str) -> list[Clock]:
    """Give the clocks that a role may see: those of our own house are nobody else's business."""
    clocks = sorted(clocks_of(case), key=lambda clock: (clock.due_at is None, clock.name))
    return [c for c in clocks if c.name not in standing.INTERNAL or role == "service"]


class ItemOut(serializers.Serializer):
    """Pieces of one order line in this case; `most` is what may still be given back for them."""

    line = serializers.CharField(source="line.ref")
    sku = serializers.CharField(source="line.sku")
    title = serializers.CharField(source="line.title")
    quantity = serializers.IntegerField()
    worth = Amount()
    asked = Amount(source="amount")
    agreed = Amount()
    refunded = Amount()
    most = serializers.SerializerMethodField()

    @extend_schema_field(MONEY_SCHEMA)
    def get_most(self, item: Any) -> dict[str, str]:
        return money.shown(terms.most(item), self.context["currency"])


class OfferOut(serializers.Serializer):
    """The terms that stand; whoever accepts quotes `id` and `version`."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    side = serializers.CharField()
    remedy = serializers.CharField()
    items = serializers.SerializerMethodField()
    compensation = Amount()
    freight_payer = serializers.CharField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    @extend_schema_field({"type": "array", "items": {"type": "object"}})
    def get_items(self, offer: Any) -> list[Data]:
        return by_line(offer.items, self.context["case"])


def by_line(amounts: dict[Any, int], case: Case) -> list[Data]:
    """Show amounts by our ids of order lines as the marketplace knows them."""
    refs = {str(line.id): line.ref for line in case.facts.lines.values()}
    return [
        {"line": refs[str(line)], "amount": money.shown(amount, case.currency)}
        for line, amount in amounts.items()
    ]


class ParcelOut(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    carrier = serializers.CharField()
    tracking_no = serializers.CharField()
    state = serializers.CharField()
    sent_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField()
    scans = serializers.IntegerField()


class ActionOut(serializers.Serializer):
    """Something that whoever asks may do now."""

    name = serializers.CharField()
    href = serializers.CharField()
    mandatory = serializers.BooleanField(help_text="A duty: somebody waits for it.")
    due_at = serializers.DateTimeField(allow_null=True)
    on_expiry = serializers.CharField(allow_null=True, help_text="The step that follows then.")
    limits = serializers.DictField(help_text="How often and how much it may still be.")


class ActionWithInput(ActionOut):
    input_schema = serializers.DictField(help_text="JSON Schema of the body.")


class UnavailableAction(serializers.Serializer):
    """Something that whoever asks may do at other times, and why not now."""

    name = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()
    available_at = serializers.DateTimeField(allow_null=True)


class DetailMoney(CaseMoney):
    agreed = serializers.SerializerMethodField()
    refunded = serializers.SerializerMethodField()

    @extend_schema_field(MONEY_SCHEMA)
    def get_agreed(self, case: Case) -> dict[str, str]:
        return money.shown(sum(item.agreed for item in case.facts.items), case.currency)

    @extend_schema_field(MONEY_SCHEMA)
    def get_refunded(self, case: Case) -> dict[str, str]:
        return money.shown(sum(item.refunded for item in case.facts.items), case.currency)


class EventOut(serializers.Serializer):
    """What a step has left in the timeline."""

    id = serializers.UUIDField()
    sequence = serializers.IntegerField()
    name = serializers.CharField()
    at = serializers.DateTimeField()


class Standing(CaseOut):
    """A case with all that follows for whoever looks, and nothing of its past."""

    money = DetailMoney(source="*")
    items = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()
    parcels = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField()
    dispute = serializers.SerializerMethodField()
    handed_in = serializers.SerializerMethodField()
    rating = serializers.IntegerField(allow_null=True)
    actions = serializers.SerializerMethodField()

    @property
    def role(self) -> str:
        return self.context["actor"].role

    @extend_schema_field(ItemOut(many=True))
    def get_items(self, case: Case) -> Any:
        return ItemOut(case.facts.items, many=True, context=self.context).data

    @extend_schema_field(OfferOut(allow_null=True))
    def get_offer(self, case: Case) -> Any:
        offer = case.facts.offer
        return OfferOut(offer, context={**self.context, "case": case}).data if offer else None

    @extend_schema_field(ParcelOut(many=True))
    def get_parcels(self, case: Case) -> Any:
        return ParcelOut(case.facts.parcels, many=True).data

    @extend_schema_field(ClockOut(many=True))
    def get_clocks(self, case: Case) -> Any:
        clocks = visible_clocks(case, self.role)
        return ClockOut(clocks, many=True, context={"case": case}).data

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
        return ActionOut(menu(case, self.context["actor"])[0], many=True).data


class Receipt(Standing):
    """What a command answers."""

    event = EventOut(required=False)
    dry_run = serializers.BooleanField(required=False)


class ApplicationOut(serializers.Serializer):
    """One attempt, with its own answer and both sides' words."""

    number = serializers.IntegerField()
    kind = serializers.CharField()
    reason = serializers.CharField()
    remedy = serializers.CharField()
    amount = Amount()
    statement = serializers.SerializerMethodField()
    applied_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answer_reason = serializers.CharField()
    answer_statement = serializers.SerializerMethodField()
    answered_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(OpenApiTypes.STR)
    def get_statement(self, application: Any) -> str:
        return self.context["words"].get(application.statement_id, "")

    @extend_schema_field(OpenApiTypes.STR)
    def get_answer_statement(self, application: Any) -> str:
        return self.context["words"].get(application.answer_statement_id, "")


class CaseDetail(Standing):
    """Everything that whoever asks may know of a case, besides its timeline."""

    applications = serializers.SerializerMethodField()
    policy = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()
    unavailable_actions = serializers.SerializerMethodField()

    @extend_schema_field(ApplicationOut(many=True))
    def get_applications(self, case: Case) -> Any:
        attempts = case.attempts.order_by("number")
        words = {row.id: row.text for row in self.context["statements"]}
        context = {**self.context, "words": words}
        return ApplicationOut(attempts, many=True, context=context).data

    @extend_schema_field({"type": "object"})
    def get_policy(self, case: Case) -> Data:
        return {"name": case.facts.policy.name, "version": case.facts.policy.version}

    @extend_schema_field(ActionWithInput(many=True))
    def get_actions(self, case: Case) -> Any:
        actions = with_inputs(menu(case, self.context["actor"])[0])
        return ActionWithInput(actions, many=True).data

    @extend_schema_field(UnavailableAction(many=True))
    def get_unavailable_actions(self, case: Case) -> Any:
        return UnavailableAction(menu(case, self.context["actor"])[1], many=True).data


class RefundPartOut(serializers.Serializer):
    payment = serializers.CharField(source="payment.ref")
    method = serializers.CharField(source="payment.method")
    amount = Amount()


class RefundOut(Priced):
    """One payment out; its parts go back to the original payments."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    amount = Amount()
    payer = serializers.CharField()
    state = serializers.CharField()
    decided_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    parts = RefundPartOut(many=True)


class EntryOut(serializers.Serializer):
    """One thing that happened; `decided_at` differs when a clock had run out before."""

    sequence = serializers.IntegerField()
    name = serializers.CharField()
    role = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    dispute = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField()
    clock = serializers.CharField(allow_null=True)
    statement = serializers.CharField(allow_null=True)
    data = serializers.DictField(help_text="Codes, ids, amounts and times.")


class EndedClock(serializers.Serializer):
    name = serializers.CharField()
    waits_on = serializers.CharField()
    length = serializers.CharField()
    started_at = serializers.CharField()
    due_at = serializers.CharField(allow_null=True)
    stood_still_s = serializers.IntegerField()
    extensions = serializers.IntegerField()
    ended_at = serializers.DateTimeField()
    how = serializers.ChoiceField(choices=["answered", "ran_out"])
    sequence = serializers.IntegerField(help_text="Of the event.")


class Ledger(serializers.Serializer):
    """All clocks of a case."""

    running = ClockOut(many=True)
    ended = EndedClock(many=True)
