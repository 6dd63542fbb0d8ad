"""Files that are not taken: a stable code, and nothing kept of them."""

import io

import pytest

from mediation.files import keeping
from mediation.files.kinds import MEGABYTE
from tests.api.callers import buyer, order
from tests.api.problems import pointers, problem
from tests.files import samples
from tests.files.sending import bring
from tests.files.test_bringing import Stream, send

pytestmark = pytest.mark.django_db

NOT_SUPPORTED, DAMAGED = (422, "FILE_NOT_SUPPORTED"), (422, "FILE_DAMAGED")
ELSEWHERE = (samples.track(b"vide", here=0),)


@pytest.fixture
def bea(nothing_changes):
    caller = buyer(order())
    nothing_changes()
    return caller


@pytest.fixture(autouse=True)
def _nothing_is_stored(monkeypatch):
    """See that no byte of it reaches the storage."""
    monkeypatch.setattr(keeping.storage(), "save", None)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("icon.png", samples.SVG, NOT_SUPPORTED),
        ("page.jpg", b"<html><script>alert(1)</script></html>", NOT_SUPPORTED),
        ("film.mp4", samples.PLAYLIST, NOT_SUPPORTED),
        ("film.mp4", samples.mp4(brand=b"heic"), NOT_SUPPORTED),
        ("paper.pdf", b"just words", NOT_SUPPORTED),
        ("paper.pdf", b"%PDF-1.7\njust words", DAMAGED),
        ("paper.pdf", samples.pdf()[:-20], DAMAGED),
        ("paper.pdf", samples.pdf().replace(b"xref\n0", b"xxxx\n0"), DAMAGED),
        ("photo.jpg", samples.jpeg((400, 400))[:900], DAMAGED),
        ("photo.jpg", samples.jpeg()[:4] + samples.PLAYLIST, DAMAGED),
        ("photo.png", samples.png((400, 400))[:200], DAMAGED),
        ("photo.png", samples.bomb(), (422, "IMAGE_TOO_LARGE")),
        ("film.mp4", samples.mp4()[:-1], DAMAGED),
        ("film.mp4", samples.mp4() + b"more", DAMAGED),
        ("film.mp4", samples.mp4(tracks=()), DAMAGED),
        ("film.mp4", samples.mp4(tracks=(samples.track(b"soun"),)), DAMAGED),
        ("film.mp4", samples.mp4(tracks=ELSEWHERE), DAMAGED),
        ("film.mp4", samples.mp4(samples.box(b"rmra")), DAMAGED),
        ("film.mp4", samples.mp4()[:20] + samples.PLAYLIST, DAMAGED),
    ],
)
def test_content_that_is_not_what_it_should_be(bea, name, content, code):
    assert problem(bring(bea, content, name)) == code


def test_an_empty_file(bea):
    answer = bring(bea, b"")

    assert problem(answer) == (400, "INVALID")
    assert pointers(answer) == [("/file", "empty")]


def test_no_file_at_all(bea):
    headers = {"Idempotency-Key": "1"}
    answer = bea.client.post("/api/v1/files", {}, format="multipart", headers=headers)

    assert pointers(answer) == [("/file", "required")]


def test_words_in_place_of_a_file(bea):
    answer = bea.client.post(
        "/api/v1/files", {"file": "x"}, format="multipart", headers={"Idempotency-Key": "1"}
    )

    assert pointers(answer) == [("/file", "invalid")]


def test_two_files_at_a_time(bea):
    files = [io.BytesIO(samples.jpeg()) for _ in range(2)]
    answer = bea.client.post(
        "/api/v1/files", {"file": files}, format="multipart", headers={"Idempotency-Key": "1"}
    )

    assert pointers(answer) == [("/file", "twice")]


def test_a_field_that_does_not_exist(bea):
    assert pointers(bring(bea, case="1")) == [("/case", "unknown")]


def test_a_body_that_is_no_form(bea):
    assert problem(bea.post("files", {"file": "x"})) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_form_that_is_cut_off(bea):
    assert problem(send(bea, Stream(b"--x\r\nContent"), 11))[0] == 400


def test_no_key(bea):
    answer = bea.client.post(
        "/api/v1/files", {"file": io.BytesIO(samples.jpeg())}, format="multipart"
    )

    assert problem(answer) == (400, "IDEMPOTENCY_KEY_MISSING")


def test_a_body_that_is_too_large_is_not_even_read(bea):
    stream = Stream(b"")

    answer = send(bea, stream, 51 * MEGABYTE)

    assert problem(answer) == (413, "FILE_TOO_LARGE")
    assert answer.json()["most"] == 50 * MEGABYTE
    assert stream.largest == 0


def test_a_photo_has_fewer_bytes_than_a_video_may_have(bea):
    answer = bring(bea, samples.jpeg() + bytes(20 * MEGABYTE))

    assert problem(answer) == (413, "FILE_TOO_LARGE")
    assert answer.json()["most"] == 20 * MEGABYTE


def test_the_key_of_another_file(monkeypatch):
    monkeypatch.undo()
    other = buyer(order())
    bring(other, key="once")

    assert problem(bring(other, samples.png(), key="once")) == (422, "KEY_REUSED")
