"""The one queue row and what is done with it: claim, settle, back off, bury, replay.

Letters, webhook deliveries and mediation's effects inherit it. Why a queue in the database:

* a row is written with what caused it, or not at all; no broker can lose it
* a claim books the next attempt *before* this one, so that a crash is just a retry
* no transaction is open during the attempt itself, however long the other side takes
"""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q

# What passes between two attempts: 12 attempts in about 72 hours, each gap 75 % to 125 % of it.
GAPS = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(seconds=90),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=45),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=20),
    timedelta(hours=30),
)
MOST_ATTEMPTS = len(GAPS) + 1

# How long a claimed row is left alone. Whoever claims a batch ends it well before this.
LEASE = timedelta(minutes=10)

LONGEST_ERROR = 500

Verdict = tuple[UUID, str, str, datetime | None]  # id, how it ended, an error, when again

DEAD = Q(dead_at__isnull=False, discarded_at__isnull=True)  # given up, nobody has looked at it
PENDING = Q(done_at__isnull=True, dead_at__isnull=True)


class Failed(Exception):
    """An attempt failed and is worth another one. The message must not name a person."""


class GiveUp(Failed):
    """No further attempt can succeed (invalid number, 410 Gone): dead at once."""


class Busy(Failed):
    """The other side asks for patience: the next attempt comes no sooner than `after`."""

    def __init__(self, message: str, *, after: timedelta):
        super().__init__(message)
        self.after = after


class Attempts(models.QuerySet):
    """Rows of a queue."""

    def due(self, at: datetime, *, clock_id: UUID | None = None) -> "Attempts":
        """Rows whose time has come on one clock; None is the database's own."""
        return self.filter(PENDING, due_at__lte=at, clock_id=clock_id)

    def dead(self) -> "Attempts":
        """Dead letters: given up, and not yet looked at by anybody."""
        return self.filter(DEAD)


class Attempt(models.Model):
    """Something to be done outside, at least once. Its stable `id` makes that look like once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    due_at = models.DateTimeField()  # the next attempt
    attempts = models.PositiveSmallIntegerField(default=0)  # begun, this one included
    done_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)  # a dead letter put aside by hand
    last_error = models.CharField(max_length=LONGEST_ERROR, blank=True, default="")
    clock_id = models.UUIDField(null=True, blank=True)  # NULL: the database's clock

    objects = Attempts.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(dead_at__isnull=True),
                name="%(app_label)s_%(class)s_one_end",
            ),
            models.CheckConstraint(
                condition=Q(discarded_at__isnull=True) | Q(dead_at__isnull=False),
                name="%(app_label)s_%(class)s_discard",
            ),
        ]
        indexes = [  # apart, so that a stopped sandbox is no ballast for the live workers
            models.Index(
                fields=["due_at"],
                name="%(app_label)s_%(class)s_due",
                condition=PENDING & Q(clock_id__isnull=True),
            ),
            models.Index(
                fields=["clock_id", "due_at"],
                name="%(app_label)s_%(class)s_sim",
                condition=PENDING & Q(clock_id__isnull=False),
            ),
            models.Index(fields=["dead_at"], name="%(app_label)s_%(class)s_dead", condition=DEAD),
        ]


Row = TypeVar("Row", bound=Attempt)


def claim(
    model: type[Row],
    *,
    at: datetime,
    limit: int,
    clock_id: UUID | None = None,
    extra: Q | None = None,
) -> list[Row]:
    """Take up to `limit` due rows for one attempt, and book their next one first.

    The next attempt is booked after the back-off of this one, at least LEASE away: nobody else
    gets a claimed row before. A row whose last attempt was never settled is buried here.

    :param at: aware UTC, the moment of the run, from the clock that `clock_id` names
    :param extra: a further condition, for example on the kind of effect
    :returns: rows in the order of their due times; `attempts` counts the one that begins now
    :raises RuntimeError: called inside a transaction, which would stay open during the attempt
    """
    with transaction.atomic(durable=True):
        due = model.objects.due(at, clock_id=clock_id).filter(extra or Q())
        locked = due.select_for_update(skip_locked=True, of=("self",))
        rows = list(locked.order_by("due_at")[:limit])
        if rows:
            _book(model, [row.pk for row in rows], at)
    for row in rows:
        row.attempts += 1
    return [row for row in rows if row.attempts <= MOST_ATTEMPTS]


def settle(
    model: type[Attempt],
    *,
    at: datetime,
    done: Iterable[UUID] = (),
    failed: Mapping[UUID, str | Exception] | None = None,
    later: Mapping[UUID, datetime] | None = None,
) -> None:
    """Write how the attempts of a batch ended: one statement for any number of rows.

    :param at: aware UTC, read after the attempts
    :param done: ids of what succeeded
    :param failed: what went wrong. GiveUp buries at once, everything else backs off, Busy
        at least for as long as it was asked to; after the last attempt it is buried
    :param later: not tried at all and due again at that moment; costs no attempt
    """
    verdicts: list[Verdict] = [(pk, "done", "", None) for pk in done]
    verdicts += [_verdict(pk, error, at) for pk, error in (failed or {}).items()]
    verdicts += [(pk, "later", "", moment) for pk, moment in (later or {}).items()]
    if not verdicts:
        return
    ids, ends, said, again = map(list, zip(*verdicts, strict=True))
    _execute(
        model,
        """
        UPDATE {table} AS queued SET
            done_at = CASE verdict WHEN 'done' THEN %(at)s END,
            dead_at = CASE
                WHEN verdict = 'dead' OR (verdict = 'retry' AND attempts >= %(most)s) THEN %(at)s
            END,
            due_at = CASE verdict WHEN 'done' THEN due_at WHEN 'later' THEN again_at
                ELSE coalesce(greatest(
                    %(at)s + (%(gaps)s::interval[])[attempts] * (0.75 + random() / 2), again_at
                ), due_at)
            END,
            attempts = attempts - (verdict = 'later')::int,
            last_error = coalesce(nullif(said, ''), last_error)
        FROM unnest(%(ids)s::uuid[], %(ends)s::text[], %(said)s::text[], %(again)s::timestamptz[])
            AS settled (settled_id, verdict, said, again_at)
        WHERE id = settled_id
            AND done_at IS NULL
            AND (dead_at IS NULL OR verdict = 'done')  -- buried meanwhile, and yet it arrived
        """,
        {"at": at, "ids": ids, "ends": ends, "said": said, "again": again},
    )


def replay(rows: models.QuerySet, *, at: datetime) -> int:
    """Give dead letters all their attempts again, from now on.

    :returns: how many were dead; others are left as they are
    """
    return rows.filter(dead_at__isnull=False).update(
        dead_at=None, discarded_at=None, attempts=0, due_at=at
    )


def discard(rows: models.QuerySet, *, at: datetime) -> int:
    """Put dead letters aside: they stay dead and leave the list.

    :returns: how many
    """
    return rows.filter(dead_at__isnull=False, discarded_at__isnull=True).update(discarded_at=at)


def describe(error: str | Exception) -> str:
    """Put an error in words that may be stored: our own, or else only its class.

    Words of strangers are left out, as they may quote an address (SMTP answers do).
    """
    if isinstance(error, (str, Failed)):
        return (str(error) or type(error).__name__)[:LONGEST_ERROR]
    kind = type(error)
    return f"{kind.__module__}.{kind.__qualname__}"[:LONGEST_ERROR]


def _book(model: type[Attempt], ids: list[UUID], at: datetime) -> None:
    _execute(
        model,
        """
        UPDATE {table} SET
            attempts = attempts + 1,
            due_at = %(at)s + greatest(
                %(lease)s, (%(gaps)s::interval[])[attempts + 1] * (0.75 + random() / 2)
            ),
            dead_at = CASE WHEN attempts >= %(most)s THEN %(at)s END,
            last_error = CASE WHEN attempts >= %(most)s THEN 'no answer in the last attempt'
                ELSE last_error END
        WHERE id = ANY(%(ids)s)
        """,
        {"at": at, "ids": ids, "lease": LEASE},
    )


def _verdict(pk: UUID, error: str | Exception, at: datetime) -> Verdict:
    words = describe(error)
    if isinstance(error, GiveUp):
        return pk, "dead", words, None
    moment = at + error.after if isinstance(error, Busy) else None
    return pk, "retry", words, moment


def _execute(model: type[Attempt], sql: str, values: dict[str, Any]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.format(table=table), {"most": MOST_ATTEMPTS, "gaps": list(GAPS), **values}
        )
