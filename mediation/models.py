"""What the process keeps for itself: effects, stored answers, its own heartbeat, its staff."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from cases.actors import Actor
from cases.models import Case, File, Marketplace
from cases.models.base import Row, fits
from mediation.gateways.models import GatewayAccount, Payout, SandboxRefund
from mediation.oversight.models import BlindReview, Calibration, Deed
from mediation.sandbox.models import PlannedScan
from notifications.attempts import Attempt

__all__ = [
    "BlindReview",
    "Calibration",
    "Deed",
    "Duty",
    "Effect",
    "GatewayAccount",
    "Heartbeat",
    "Mediator",
    "Payout",
    "PlannedScan",
    "SandboxRefund",
    "SecondFactor",
    "Shift",
    "StoredAnswer",
    "Thumbnail",
]


class Effect(Attempt):
    """Something that must follow an event outside the transaction; written with the event."""

    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        related_name="effects",
        db_index=False,
        db_constraint=False,  # that of its event, as the invariants watch
    )
    event_id = models.UUIDField()
    kind = models.CharField(max_length=20)

    class Meta(Attempt.Meta):
        abstract = False
        constraints = [
            *Attempt.Meta.constraints,
            models.UniqueConstraint(fields=["event_id", "kind"], name="effect_once"),
        ]


class Thumbnail(Attempt):
    """A small image that is to be made of a file."""

    file = models.OneToOneField(File, on_delete=models.CASCADE, related_name="thumbnail")


class StoredAnswer(Row):
    """The answer to a command, kept for 31 days, so that asking again changes nothing."""

    caller = models.CharField(max_length=300)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)  # of the parsed fields
    status = models.SmallIntegerField()
    body = models.JSONField()
    stored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "route", "key"], name="answer_once"),
        ]
        indexes = [models.Index(fields=["stored_at"], name="answer_age")]


class Heartbeat(models.Model):
    """When the clocks were last seen to: a gap is an outage of ours and takes nobody's right."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    gap_since = models.DateTimeField(null=True)  # the last outage
    gap_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="heartbeat_named"),
            models.CheckConstraint(
                condition=Q(gap_since__isnull=True, gap_until__isnull=True)
                | Q(gap_since__lt=models.F("gap_until")),
                name="heartbeat_gap",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.at:%F %T}"


class Duty(models.TextChoices):
    """What a member of staff is there for; the first three take steps under this very role."""

    MEDIATOR = "mediator", _("mediator")
    SENIOR = "senior", _("senior mediator")
    SUPERVISOR = "supervisor", _("supervisor")
    AUDITOR = "auditor", _("auditor")
    OPS = "ops", _("operations")


class Mediator(models.Model):
    """A member of staff: what it may see and do at the desk. Its log-in is the user."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mediator"
    )
    role = models.CharField(max_length=12, choices=Duty.choices)
    languages = models.JSONField(default=list, blank=True)  # of cases; empty: all
    skills = models.JSONField(default=list, blank=True)  # reasons of cases; empty: all
    everywhere = models.BooleanField(default=False)  # all marketplaces, later ones too
    marketplaces = models.ManyToManyField(Marketplace, blank=True, related_name="+")
    capacity = models.PositiveSmallIntegerField(default=5)  # disputes held at a time
    on_shift = models.BooleanField(default=True)  # at work: may claim and be given disputes
    plan_due_at = models.DateTimeField(null=True, editable=False)  # when the plan speaks next

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()

    @property
    def person(self) -> str:
        """How events, dockets and rulings name this person: a pseudonym."""
        return str(self.user_id)

    @property
    def actor(self) -> Actor:
        """Who takes a step at the desk."""
        return Actor(role=self.role, person=self.person)

    def sees(self, path: str = "marketplace") -> Q:
        """Keep rows of the marketplaces that this person works for.

        :param path: from the row to its marketplace; empty: the row is one
        """
        if self.everywhere:
            return Q()
        own = self.marketplaces.through.objects.filter(mediator=self.pk).values("marketplace")
        return Q(**{f"{path}__in" if path else "pk__in": own})


class Shift(Row):
    """A time of the week at which somebody is at work, by the clocks of one place."""

    mediator = models.ForeignKey(Mediator, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField()  # of its start; Monday is 0
    starts = models.TimeField()
    ends = models.TimeField()  # not after the start: on the day after
    time_zone = models.CharField(max_length=40)  # IANA: "Asia/Shanghai"
    valid_from = models.DateField(null=True)  # the first day on which it may start
    valid_until = models.DateField(null=True)  # the last one

    class Meta:
        constraints = [
            fits("shift_weekday", Q(weekday__lte=6) & ~Q(time_zone="")),
            fits(
                "shift_days",
                Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_from__lte=models.F("valid_until")),
            ),
            models.UniqueConstraint(
                fields=[
                    *("mediator", "weekday", "starts", "ends"),
                    *("time_zone", "valid_from", "valid_until"),
                ],
                nulls_distinct=False,
                name="shift_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}-{self.ends:%H:%M} {self.time_zone}"


class SecondFactor(TOTPDevice):
    """The phone that a member of staff logs in with."""

    class Meta:
        proxy = True
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
