"""What providers say later about letters that they took: it only ever moves forward."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from notifications.addressing import contacts_of, instead
from notifications.channels.sms import Report
from notifications.models import Contact, Letter, Receipt

State = Receipt.State


@transaction.atomic
def record(reports: Iterable[Report], *, at: datetime) -> int:
    """Take n reports: doubled, late and unknown ones change nothing.

    A letter that failed is written again for its reader's other channels; a number that is wrong
    for good is marked, and not used again.

    :returns: how many receipts moved forward
    """
    latest: dict[str, Report] = {}
    for report in reports:
        known = latest.get(report.provider_id)
        if known is None or known.state < report.state:
            latest[report.provider_id] = report
    moved = _move(list(latest.values()), at)
    lost = [letter_id for letter_id, state in moved if state == State.FAILED]
    if lost:
        dead = {report.provider_id for report in latest.values() if report.is_permanent}
        _write_again(Letter.objects.filter(pk__in=lost), dead, at)
    return len(moved)


def _move(reports: list[Report], at: datetime) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE notifications_receipt SET state = told_state, code = told_code, at = %s
            FROM unnest(%s::text[], %s::smallint[], %s::text[])
                AS told (told_id, told_state, told_code)
            WHERE provider_id = told_id
                AND state < told_state
                AND state < %s
            RETURNING letter_id, state
            """,
            [
                at,
                [report.provider_id for report in reports],
                [report.state for report in reports],
                [report.code[:64] for report in reports],
                State.DELIVERED,  # what arrived or failed has ended
            ],
        )
        return cursor.fetchall()


def _write_again(letters: Iterable[Letter], dead: set[str], at: datetime) -> None:
    letters = list(letters)
    receipts = Receipt.objects.filter(letter__in=letters, provider_id__in=dead)
    wrong = {(row.letter.recipient_id, row.letter.channel) for row in receipts.select_related()}
    contacts = contacts_of({letter.recipient_id for letter in letters})
    ids = [contacts[who][how].pk for who, how in wrong if how in contacts.get(who, {})]
    Contact.objects.filter(pk__in=ids).update(bounced_at=at)
    Letter.objects.bulk_create(instead(letters, contacts, at=at), ignore_conflicts=True)
