"""Files that were brought, for tests that do not look at their bytes."""

from uuid import uuid4

from cases.models import File
from tests.world import day


def row(owner, role, kind="image", **more):
    """Make a file of one side of an order or a case."""
    key = uuid4()
    return File.everywhere.create(
        id=key,
        marketplace_id=owner.marketplace_id,
        role=role,
        party_id=getattr(owner, f"{role}_id", None),
        kind=kind,
        media_type={"image": "image/jpeg", "video": "video/mp4"}.get(kind, "application/pdf"),
        name="photo.jpg",
        size=1,
        sha256=key.hex * 2,
        uploaded_sha256=key.hex * 2,
        key=str(key),
        uploaded_at=day(0),
        **more,
    )
