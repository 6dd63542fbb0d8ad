"""Links to files: whoever has one may read that one file, in that form, until it ends."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from cases.refusals import Refused

if TYPE_CHECKING:
    from cases.models import File

LIFE = timedelta(minutes=5)
CONTENT, THUMBNAIL = "content", "thumbnail"
SIGNER = Signer(salt="mediation.files")


class BadLink(Refused):
    """The link is not one of ours, or of another file or form."""

    code = "BAD_LINK"


class LinkExpired(Refused):
    """The link has ended; whoever may see the file asks for another one."""

    code = "LINK_EXPIRED"


def links(file: "File", at: datetime) -> dict[str, Any]:
    """Make the links to a file that begin to count now; no thumbnail where there is none yet."""
    until = at + LIFE
    return {
        CONTENT: _link(file.id, CONTENT, until),
        THUMBNAIL: _link(file.id, THUMBNAIL, until) if file.thumbnail_at else None,
        "expires_at": datetime.fromtimestamp(int(until.timestamp()), UTC),
    }


def check(file_id: UUID, form: str, given: Mapping[str, str], at: datetime) -> None:
    """See that a link holds.

    :param given: its `until` and `signature`
    :raises BadLink: it was never made like this
    :raises LinkExpired: it has ended
    """
    until = given.get("until", "")
    if not constant_time_compare(given.get("signature", ""), _signed(file_id, form, until)):
        raise BadLink("The link is not valid.")
    if int(until) <= at.timestamp():
        raise LinkExpired("The link has ended; ask for the evidence or the messages again.")


def _link(file_id, form, until):
    seconds = str(int(until.timestamp()))
    signature = _signed(file_id, form, seconds)
    return f"/api/v1/files/{file_id}/{form}?until={seconds}&signature={signature}"


def _signed(file_id, form, seconds):
    return SIGNER.signature(f"{file_id}/{form}/{seconds}")
