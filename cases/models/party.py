"""Who takes part: marketplaces (the tenants), buyers and sellers."""

import pgtrigger
from django.db import models
from django_scopes import ScopedManager

from cases.models.base import Row, fits
from cases.roles import PARTIES


class Marketplace(Row):
    """A tenant. It signs the tokens of its people with its own key."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    issuer = models.CharField(max_length=200, unique=True)  # `iss` of its tokens
    secret = models.CharField(max_length=200, blank=True)  # HS256, at least 32 bytes
    jwks_url = models.URLField(blank=True)  # RS256 / ES256 instead
    # Tokens of its own systems are signed with a key of theirs alone (TokenKey).
    services_apart = models.BooleanField(default=False)
    policy_name = models.SlugField(default="default")
    language = models.CharField(max_length=10, default="en")
    # A test clock: this is a sandbox. NULL: the database's. Chosen when it is made, for good.
    clock_id = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock_id"], name="marketplace_clock_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="clock_for_good",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__clock_id__df=pgtrigger.F("new__clock_id")),
                func="RAISE EXCEPTION 'a marketplace keeps the clock that it was made with';",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sandbox(self) -> bool:
        """Whether its time is its own, and nothing of it leaves the house."""
        return self.clock_id is not None


class TokenKey(Row):
    """A secret (HS256) that a marketplace signs tokens with: of people, or of its own systems.

    Several hold at a time, so that one takes the place of another without a pause. A key that is
    revoked ends every token that it has signed.
    """

    class Use(models.TextChoices):
        PEOPLE = "people"
        SERVICE = "service"

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT)
    kid = models.CharField(max_length=40, unique=True)  # in the header of each token
    use = models.CharField(max_length=10, choices=Use.choices)
    secret = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            fits("token_key_use", models.Q(use__in=["people", "service"])),
        ]

    def __str__(self) -> str:
        return self.kid


class Party(Row):
    """A buyer or a seller as its marketplace knows it: no name and no contact.

    A shop's address for returns is here, in words that can be erased: its buyers have to know it.
    """

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT)
    role = models.CharField(max_length=10, choices=[(str(role), role.label) for role in PARTIES])
    ref = models.CharField(max_length=100)  # the marketplace's own id
    language = models.CharField(max_length=10, default="en")
    return_address = models.TextField(blank=True)

    objects = ScopedManager(marketplace="marketplace")
    everywhere = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "role", "ref"], name="party_once"),
        ]

    def __str__(self) -> str:
        return self.ref


class TestClock(Row):
    """A clock that stands until somebody moves it: of a sandbox or a replay."""

    __test__ = False  # pytest takes every class named Test… for one of tests

    marketplace = models.ForeignKey(Marketplace, on_delete=models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace"], name="test_clock_once"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="forward",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__at__lt=pgtrigger.F("old__at")),
                func="RAISE EXCEPTION 'a clock runs forward';",
            ),
        ]
