"""Cursors: where a reader of a list has come to. Each is good for whoever was given it, there only.

They are signed, so that nobody can make one and look for what lies where.
"""

from django.core.signing import BadSignature, Signer

from cases.actors import Actor


def signed(place: str, *, path: str, actor: Actor) -> str:
    """Give out a place of a list as a cursor."""
    return _signer(path, actor).sign(place)


def read(cursor: str, *, path: str, actor: Actor) -> str:
    """Read a cursor that was given out.

    :returns: the place
    :raises ValueError: it is not one of ours, of another list, or somebody else's
    """
    try:
        return _signer(path, actor).unsign(cursor)
    except BadSignature as error:
        raise ValueError("the cursor is not one of ours") from error


def _signer(path, actor):
    whose = f"{actor.marketplace_id}:{actor.role}:{actor.party_id or ''}"
    return Signer(salt=f"cursor {path} {whose}", sep="~")
