"""Who takes part: marketplaces (the tenants), buyers and sellers."""

from django.db import models
from django_scopes import ScopedManager

from cases.models.base import Row
from cases.roles import PARTIES


class Marketplace(Row):
    """A tenant. It signs the tokens of its people with its own key."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    issuer = models.CharField(max_length=200, unique=True)  # `iss` of its tokens
    secret = models.CharField(max_length=200, blank=True)  # HS256, at least 32 bytes
    jwks_url = models.URLField(blank=True)  # RS256 / ES256 instead
    policy_name = models.SlugField(default="default")
    language = models.CharField(max_length=10, default="en")
    clock_id = models.UUIDField(null=True, blank=True)  # a test clock; NULL: the database's

    def __str__(self) -> str:
        return self.name


class Party(Row):
    """A buyer or a seller as its marketplace knows it: no name and no contact."""

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT)
    role = models.CharField(max_length=10, choices=[(str(role), role.label) for role in PARTIES])
    ref = models.CharField(max_length=100)  # the marketplace's own id
    language = models.CharField(max_length=10, default="en")

    objects = ScopedManager(marketplace="marketplace")
    everywhere = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["marketplace", "role", "ref"], name="party_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.ref}"


class TestClock(Row):
    """A clock that stands until somebody moves it: of a sandbox or a replay."""

    __test__ = False  # pytest takes every class named Test… for one of tests

    marketplace = models.ForeignKey(Marketplace, on_delete=models.CASCADE)
    at = models.DateTimeField()
