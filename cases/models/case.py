"""A case and what is asked for in it."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django_scopes import ScopedManager

from cases.details import detail_choices
from cases.lifecycle import ENDED, Lifecycle, State
from cases.models.base import Row, along, fits
from cases.models.order import Order, OrderLine
from cases.models.party import Marketplace, Party
from cases.models.policy import PolicyVersion
from cases.reasons import reason_choices, refusal_choices, remedy_choices

if TYPE_CHECKING:
    from cases.actors import Actor

GENESIS = bytes(32)


class CaseQuerySet(models.QuerySet):
    """Cases by who may see them and how they are read."""

    def visible_to(self, actor: "Actor") -> "CaseQuerySet":
        """Keep the cases of the actor's marketplace that it is a party to; a service sees all."""
        own = self.filter(marketplace_id=actor.marketplace_id)
        if actor.role in {"buyer", "seller"}:
            return own.filter(**{f"{actor.role}_id": actor.party_id})
        return own


Cases = models.Manager.from_queryset(CaseQuerySet)


class Case(Lifecycle, Row):
    """One buyer against one seller over lines of one order. Amounts in minor units."""

    FIXED = frozenset(
        {
            "marketplace_id",
            "order_id",
            "buyer_id",
            "seller_id",
            "policy_id",
            "clock_id",
            "currency",
            "language",
            "opened_at",
            "family_id",
            "restrictions",
        }
    )
    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="cases")
    buyer = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    seller = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    clock_id = models.UUIDField(null=True)  # a test clock; NULL: the database's
    currency = models.CharField(max_length=3)
    language = models.CharField(max_length=10, default="en")  # the buyer's
    opened_at = models.DateTimeField()
    family = models.ForeignKey(  # the case that it was split off from first; NULL: from none
        "self", on_delete=models.PROTECT, null=True, related_name="branches", db_index=False
    )

    restrictions = models.JSONField(default=list)  # of the buyer when it was opened, by kind

    version = models.IntegerField(default=0)  # state, dispute, terms: what If-Match quotes
    sequence = models.IntegerField(default=0)  # of the last event
    head = models.BinaryField(default=GENESIS)  # its hash
    back_to = models.CharField(max_length=30, blank=True)  # the state that mediation began from
    lapsed_from = models.CharField(max_length=30, blank=True)  # the state the last clock ended

    remedy = models.CharField(max_length=20, choices=remedy_choices)
    reason = models.CharField(max_length=30, choices=reason_choices)
    amount = models.BigIntegerField()  # asked for, then agreed on; of goods in kind the worth
    freight = models.BigIntegerField(default=0)  # outbound freight that is reserved for it now
    freight_refunded = models.BigIntegerField(default=0)
    compensation = models.BigIntegerField(default=0)
    compensation_payer = models.CharField(max_length=10, blank=True)
    medium = models.CharField(max_length=10, default="money")  # of the compensation: coupon, points
    advance_id = models.UUIDField(null=True)  # a refund paid at a ruling that is not final yet
    freight_payer = models.CharField(max_length=10, blank=True)  # of the return

    applications = models.SmallIntegerField(default=0)
    edits = models.SmallIntegerField(default=0)
    buyer_offers = models.SmallIntegerField(default=0)
    seller_offers = models.SmallIntegerField(default=0)
    mediation_rounds = models.SmallIntegerField(default=0)
    chargebacks = models.SmallIntegerField(default=0)
    reopened = models.BooleanField(default=False)
    final = models.BooleanField(default=False)  # decided by a ruling: never reopened
    held = models.BooleanField(default=False)  # by a chargeback
    paused_by = models.UUIDField(null=True)  # the pause in which all its clocks stand still
    # How the goods came after all while the case was open: at_pickup_point, pickup_point, hand,
    # signed.
    delivery = models.CharField(max_length=16, blank=True)
    settled_by = models.CharField(max_length=100, blank=True)  # the first pair of eyes
    rating = models.SmallIntegerField(null=True)  # by the buyer
    seller_rating = models.SmallIntegerField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = ScopedManager(marketplace="marketplace", _manager_class=Cases)
    everywhere = Cases()  # for the writer, which locks by id across all tenants

    class Meta:
        indexes = [
            models.Index(fields=["buyer", "id"], name="case_of_buyer"),
            models.Index(fields=["seller", "id"], name="case_of_seller"),
            models.Index(fields=["marketplace", "id"], name="case_of_marketplace"),
            models.Index(
                fields=["seller"], condition=Q(advance_id__isnull=False), name="case_advance"
            ),
            models.Index(fields=["family"], condition=Q(family__isnull=False), name="case_branch"),
        ]
        constraints = [
            fits("case_state", Q(state__in=[str(s) for s in State if s != State.NEW])),
            fits("case_rating", Q(rating__isnull=True) | Q(rating__range=(1, 5))),
            fits(
                "case_seller_rating",
                Q(seller_rating__isnull=True) | Q(seller_rating__range=(1, 5)),
            ),
            fits(
                "case_ended_has_outcome",
                Q(state__in=[str(s) for s in ENDED], ended_at__isnull=False) & ~Q(outcome="")
                | ~Q(state__in=[str(s) for s in ENDED]) & Q(ended_at__isnull=True, outcome=""),
            ),
            fits("case_amounts", Q(amount__gte=0, freight__gte=0, compensation__gte=0)),
        ]
        # A state without an event is nobody's step.
        triggers = [along(Lifecycle, besides="NEW.sequence <= OLD.sequence")]

    def __str__(self) -> str:
        return self.number

    @property
    def first_id(self) -> UUID:
        """Name the family: the case that all others of it were split off from."""
        return self.family_id or self.id

    @property
    def number(self) -> str:
        """How people call the case: the end of its id."""
        return f"C-{self.id.hex[-12:].upper()}"


class Application(Row):
    """One attempt: opened, amended or applied for again; each keeps its own answer."""

    FIXED = frozenset(
        {"case_id", "number", "kind", "reason", "detail", "remedy", "amount", "statement_id"}
    )

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="attempts", db_index=False
    )
    number = models.SmallIntegerField()
    kind = models.CharField(max_length=10)  # open, amend, split, reapply
    reason = models.CharField(max_length=30, choices=reason_choices)
    detail = models.CharField(max_length=30, blank=True, choices=detail_choices)
    remedy = models.CharField(max_length=20, choices=remedy_choices)
    amount = models.BigIntegerField()
    medium = models.CharField(max_length=10, default="money")
    statement_id = models.UUIDField()
    applied_at = models.DateTimeField()
    answer = models.CharField(max_length=20, blank=True)
    answer_reason = models.CharField(max_length=30, blank=True, choices=refusal_choices)
    answer_statement_id = models.UUIDField(null=True)
    answered_by = models.CharField(max_length=12, blank=True)  # role
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="application_once"),
            fits(
                "application_answered",
                Q(answer="", answered_at__isnull=True)
                | ~Q(answer="") & Q(answered_at__isnull=False),
            ),
        ]


class ApplicationItem(Row):
    """What is asked, agreed and paid for one order line. Amounts in minor units."""

    FIXED = frozenset({"application_id", "line_id", "quantity", "worth", "amount"})

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="items", db_index=False
    )
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    worth = models.BigIntegerField()  # of the pieces, when they were claimed: the most to ask
    amount = models.BigIntegerField()  # asked
    agreed = models.BigIntegerField(default=0)  # reserved for it now
    refunded = models.BigIntegerField(default=0)
    advanced = models.BigIntegerField(default=0)  # of that: at a ruling that is not final yet
    claims = models.BooleanField(default=True)  # its pieces count as claimed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "line"], name="application_item_once"),
            fits("application_item", Q(quantity__gt=0, amount__gte=0, agreed__gte=0)),
            fits("application_item_advanced", Q(advanced__gte=0, advanced__lte=F("refunded"))),
        ]

    @property
    def lets_go(self) -> bool:
        """Whether its pieces become free when the claim ends: not if money was paid for them."""
        return self.claims and not self.refunded


class Offer(Row):
    """Terms proposed by one side; they hold only as quoted by id and version."""

    FIXED = frozenset({"case_id", "version", "side", "remedy", "items", "expires_at"})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="offers", db_index=False)
    version = models.SmallIntegerField()  # 1, 2, … along the case
    side = models.CharField(max_length=10)  # who made it
    remedy = models.CharField(max_length=20, choices=remedy_choices)
    items = models.JSONField()  # order line id → minor units
    compensation = models.BigIntegerField(default=0)
    medium = models.CharField(max_length=10, default="money")
    freight_payer = models.CharField(max_length=10)
    statement_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="open")  # accepted, declined, replaced, lapsed

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="offer_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="offer_one_open"
            ),
        ]
