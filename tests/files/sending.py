"""How a front end brings files."""

from itertools import count
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.files import samples

_keys = count(1)


def bring(caller, content=None, name="photo.jpg", *, key=None, **more):
    """Send a file as browsers do."""
    content = samples.jpeg() if content is None else content
    file = SimpleUploadedFile(name, content, "image/jpeg")
    headers = {"Idempotency-Key": key or f"file-{next(_keys)}-{uuid4()}"}
    form = {"file": file, **more}
    return caller.client.post("/api/v1/files", form, format="multipart", headers=headers)


def brought(caller, content=None, name="photo.jpg"):
    """Send a file that is taken, and give its id."""
    answer = bring(caller, content, name)
    assert answer.status_code == 201, answer.content
    return answer.json()["id"]
