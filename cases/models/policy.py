"""Policies as stored: immutable versions. A case stays with the one it was opened under."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import F, Q

from cases import policies
from cases.ids import new_id
from cases.models.base import Row, fits
from cases.policy import Policy

LAST_MINUTE = timedelta(minutes=1)
_PINNED: dict[UUID, Policy] = {}  # versions never change, so nothing here is ever stale


class PolicyVersion(Row):
    """One version of a policy, with the texts it inherits from: later presets do not change it.

    Nothing of it ever changes, but that it may be cancelled before it begins.
    """

    name = models.CharField(max_length=50)
    version = models.IntegerField()  # 1, 2, … of that name
    effective_from = models.DateTimeField()
    source = models.TextField()  # TOML
    bases = models.JSONField(default=list)  # TOML texts that it inherits from, nearest first
    sha256 = models.CharField(max_length=64)  # of source and bases
    published_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)  # before it began: it never comes into force

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="policy_version_once"),
            models.UniqueConstraint(
                fields=["name", "effective_from"],
                condition=Q(cancelled_at=None),
                name="policy_from_once",
            ),
            fits(
                "policy_cancelled_before_it_began",
                Q(cancelled_at__isnull=True) | Q(cancelled_at__lt=F("effective_from")),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="immutable",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.cancelled_at IS NULL
                        AND to_jsonb(NEW) - 'cancelled_at' = to_jsonb(OLD) - 'cancelled_at'
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'Cannot update or delete rows from cases_policyversion table';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def pinned(version_id: UUID) -> Policy:
    """Give the policy of a version. Reads it once per process, then never again.

    :raises PolicyVersion.DoesNotExist: no such version
    """
    if version_id not in _PINNED:
        preload([version_id])
    try:
        return _PINNED[version_id]
    except KeyError:
        raise PolicyVersion.DoesNotExist(version_id) from None


def preload(version_ids: Iterable[UUID]) -> None:
    """Read those versions that this process does not know yet: one query, or none."""
    unknown = set(version_ids) - _PINNED.keys()
    if unknown:
        for row in PolicyVersion.objects.filter(pk__in=unknown):
            _PINNED[row.pk] = policies.parse(row.source, bases=row.bases, version=row.version)


def in_force(name: str, at: datetime) -> PolicyVersion:
    """Give the version of a policy that new cases are opened under.

    :raises PolicyVersion.DoesNotExist: none is in force yet, or there is no such policy
    """
    return begun(name, at)[:1].get()


def begun(name: Any, at: Any) -> models.QuerySet[PolicyVersion]:
    """Find the versions of a policy that have begun, the one in force first.

    :param name: or an expression for it
    :param at: or an expression for it
    """
    standing = PolicyVersion.objects.filter(name=name, cancelled_at=None)
    return standing.filter(effective_from__lte=at).order_by("-effective_from")


def install(name: str, *, since: datetime, at: datetime) -> PolicyVersion:
    """Publish a preset, with every version that a platform has announced; give the last one.

    What begins before the latest stored version is left alone: to change a rule, publish it.

    :param since: from when it holds, unless its file names a later day
    :param at: now
    :raises KeyError: there is no such preset
    :raises policies.BadPolicy: with every mistake, by line
    """
    texts = policies.versions_of(name)
    starts = [max(since, policies.parse(text).effective_from or since) for text in texts]
    standing = PolicyVersion.objects.filter(name=name, cancelled_at=None)
    latest = standing.order_by("version").last()
    for text, start, replaced_at in zip(texts, starts, [*starts[1:], None], strict=True):
        if start != replaced_at and (latest is None or start > latest.effective_from):
            latest = publish(text, effective_from=start, at=at)
    return standing.latest("version")


def publish(source: str, *, effective_from: datetime, at: datetime) -> PolicyVersion:
    """Store a policy as a new version, unless it is the latest one already.

    :param source: TOML; what it inherits from is stored along
    :param effective_from: later than that of the latest version of the same name
    :param at: now
    :raises policies.BadPolicy: with every mistake, by line
    :raises ValueError: `effective_from` is not after the latest version's
    """
    policy, bases = policies.parse(source), policies.bases_of(source)
    sha256 = hashlib.sha256(json.dumps([source, *bases]).encode()).hexdigest()
    versions = PolicyVersion.objects.filter(name=policy.name).order_by("version")
    latest, last = versions.filter(cancelled_at=None).last(), versions.last()
    if latest and latest.sha256 == sha256:
        return latest
    if latest and effective_from <= latest.effective_from:
        raise ValueError(f"{policy.name} {latest.version} is in force from {latest.effective_from}")
    return PolicyVersion.objects.create(
        id=new_id(at),
        name=policy.name,
        version=last.version + 1 if last else 1,
        effective_from=effective_from,
        source=source,
        bases=bases,
        sha256=sha256,
        published_at=at,
    )


def cancel(version: PolicyVersion, *, at: datetime) -> bool:
    """Take a scheduled version back.

    Not in the last minute: a case that is being opened may have found it in force.

    :param at: now, read after the row was locked
    :returns: False: it has begun, or is about to, or was cancelled before
    """
    if at + LAST_MINUTE >= version.effective_from:
        return False
    rows = PolicyVersion.objects.filter(pk=version.pk, cancelled_at=None)
    return bool(rows.update(cancelled_at=at))
