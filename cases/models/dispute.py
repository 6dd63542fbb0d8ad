"""A dispute and its papers."""

from django.db import models
from django.db.models import Q

from cases.dispute import DisputeLifecycle, DisputeState
from cases.models.base import Row, along, fits
from cases.models.case import Case
from cases.models.party import Marketplace

SIDES = [("buyer", "buyer"), ("seller", "seller")]


class Dispute(DisputeLifecycle, Row):
    """What mediators decide about a case; one per case, in one or more rounds."""

    FIXED = frozenset({"case_id"})

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="dispute")
    round = models.SmallIntegerField(default=0)
    instance = models.SmallIntegerField(default=1)  # 2: on appeal
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    waiting = models.JSONField(default=list)  # the sides that are waited on
    appealed = models.JSONField(default=list)  # the sides that have appealed
    claims = models.SmallIntegerField(default=0)
    evidence_rounds = models.SmallIntegerField(default=0)
    proposals = models.SmallIntegerField(default=0)
    rulings = models.SmallIntegerField(default=0)  # in this round and instance
    overdue = models.BooleanField(default=False)  # shown to both sides

    docket: "Docket"

    class Meta:
        constraints = [
            fits("dispute_state", Q(state__in=[str(s) for s in DisputeState if s != "new"])),
            fits("dispute_instance", Q(instance__in=[1, 2])),
        ]
        triggers = [along(DisputeLifecycle)]


class Docket(Row):
    """A dispute's place in the mediators' queue; its id is the dispute's.

    `rank_at = ruling due - bonuses`: a moment, so nothing ages and nothing is refreshed.
    """

    FIXED = frozenset({"case_id", "marketplace_id", "clock_id"})

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="docket")
    marketplace = models.ForeignKey(
        Marketplace,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,  # that of its case, as the invariants watch
    )
    clock_id = models.UUIDField(null=True)
    language = models.CharField(max_length=10)
    skill = models.CharField(max_length=30)
    waiting = models.BooleanField(default=True)  # may be claimed
    senior = models.BooleanField(default=False)  # an appeal
    supervisor = models.BooleanField(default=False)  # in the supervisor's queue as well
    rank_at = models.DateTimeField()
    terms = models.JSONField(default=dict)  # what rank_at is made of: name → hours
    holder = models.CharField(max_length=100, blank=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    excluded = models.JSONField(default=list)  # who has decided it before

    class Meta:
        constraints = [
            fits(
                "docket_lease",
                Q(holder="", lease__isnull=True, lease_until__isnull=True)
                | ~Q(holder="") & Q(lease__isnull=False, lease_until__isnull=False, waiting=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["marketplace", "language", "skill", "senior", "rank_at", "id"],
                condition=Q(waiting=True),
                name="docket_lane",
            ),
            models.Index(
                fields=["id"],
                condition=Q(waiting=True, senior=True, supervisor=False),
                name="docket_appeals",
            ),
            models.Index(fields=["lease_until"], condition=~Q(holder=""), name="docket_leases"),
            models.Index(fields=["rank_at", "id"], condition=Q(waiting=True), name="docket_rank"),
            models.Index(
                fields=["rank_at", "id"], condition=Q(supervisor=True), name="docket_supervisor"
            ),
        ]


class EvidenceRequest(Row):
    """What one side is asked for in one round."""

    FIXED = frozenset({"case_id", "round", "side", "items", "asked_at"})

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="evidence_requests", db_index=False
    )
    round = models.SmallIntegerField()
    side = models.CharField(max_length=10, choices=SIDES)
    items = models.JSONField()  # slots
    statement_id = models.UUIDField(null=True)  # the mediator's words
    asked_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    handed_in = models.BooleanField(default=False)  # by the side itself, not by its clock

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "side"], name="evidence_asked_once"),
        ]


class Proposal(Row):
    """Terms that a mediator proposes to both sides."""

    FIXED = frozenset({"case_id", "number", "content", "made_by", "statement_id"})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="proposals")
    number = models.SmallIntegerField()
    content = models.JSONField()
    made_by = models.CharField(max_length=100)
    statement_id = models.UUIDField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="open")  # accepted, declined, lapsed

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="open"), name="proposal_one_open"
            ),
        ]


class Bid(Row):
    """A sealed bid: one per side and dispute; it is shown to nobody unless it settles."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="bids", db_index=False)
    side = models.CharField(max_length=10, choices=SIDES)
    amount = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "side"], name="bid_once")]


class Ruling(Row):
    """A decision with its reasons. `sha256` is of the canonical content that is approved."""

    FIXED = frozenset({"case_id", "round", "instance", "content", "sha256", "ruled_by", "amount"})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="rulings")
    round = models.SmallIntegerField()
    instance = models.SmallIntegerField()
    content = models.TextField()  # canonical JSON of the terms, fault split, rule, evidence
    sha256 = models.CharField(max_length=64)
    statement_id = models.UUIDField()
    ruled_by = models.CharField(max_length=100)
    ruled_at = models.DateTimeField()
    amount = models.BigIntegerField()  # that it moves, in minor units
    state = models.CharField(max_length=10)  # draft, live, void, replaced, final
    approved_by = models.CharField(max_length=100, blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["draft", "live"]), name="ruling_one_live"
            ),
            fits(
                "ruling_approved_by_another",
                Q(approved_by="", approved_at__isnull=True)
                | ~Q(approved_by="")
                & ~Q(approved_by=models.F("ruled_by"))
                & Q(approved_at__isnull=False),
            ),
        ]


class Appeal(Row):
    """One side's appeal against a ruling."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    ruling = models.ForeignKey(Ruling, on_delete=models.PROTECT, related_name="appeals")
    side = models.CharField(max_length=10, choices=SIDES)
    statement_id = models.UUIDField()
    appealed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ruling", "side"], name="appeal_once")]
