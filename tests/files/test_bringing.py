"""Files that are brought: told by content, made anew, kept once."""

import hashlib
import io
import tracemalloc

import pytest
from PIL import Image

from cases.models import File
from mediation.files import keeping, names
from mediation.models import Thumbnail
from tests import world
from tests.api.callers import Caller, buyer, order
from tests.files import samples
from tests.files.sending import bring, brought

pytestmark = pytest.mark.django_db


@pytest.fixture
def bea():
    return buyer(order())


def kept(file_id):
    """Read what is kept of a file."""
    with keeping.storage().open(File.everywhere.get(pk=file_id).key) as content:
        return content.read()


@pytest.mark.parametrize(
    ("content", "kind", "media_type"),
    [
        (samples.jpeg(), "image", "image/jpeg"),
        (samples.png(), "image", "image/png"),
        (samples.webp(), "image", "image/jpeg"),
        (samples.mp4(), "video", "video/mp4"),
        (samples.pdf(), "pdf", "application/pdf"),
    ],
)
def test_a_file_is_what_its_content_says(bea, content, kind, media_type):
    answer = bring(bea, content, "whatever.exe").json()

    stored = kept(answer["id"])
    assert (answer["kind"], answer["media_type"]) == (kind, media_type)
    assert answer["sha256"] == hashlib.sha256(stored).hexdigest()
    assert answer["uploaded_sha256"] == hashlib.sha256(content).hexdigest()
    assert answer["size"] == len(stored)


def test_a_photo_is_kept_upright_and_says_nothing_of_where_it_was_taken(bea):
    content = samples.jpeg(orientation=6, place=True)
    assert samples.WORDS in content

    stored = kept(brought(bea, content))

    image = Image.open(io.BytesIO(stored))
    assert image.size == (20, 40)
    assert dict(image.getexif()) == {}
    assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert samples.WORDS not in stored
    red, _green, blue = image.convert("RGB").getpixel((10, 5))
    assert red > 200  # the left half is on top now
    assert blue < 50


def test_a_transparent_image_stands_on_white(bea):
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(out, "PNG")

    image = Image.open(io.BytesIO(kept(brought(bea, out.getvalue(), "logo.png"))))

    assert (image.mode, image.getpixel((0, 0))) == ("RGB", (255, 255, 255))


def test_a_video_says_nothing_of_where_it_was_taken(bea):
    place = samples.box(b"udta", samples.box(b"\xa9xyz", bytes(4), samples.PLACE))
    media = b"picture" + b"gps: 31.2304" + b"picture"
    secret = samples.track(b"meta", [(samples.FIRST_SAMPLE + 7, 12)])
    tracks = (samples.track(b"vide", [(samples.FIRST_SAMPLE, 7)]), secret)
    content = samples.mp4(place, media=media, tracks=tracks)

    stored = kept(brought(bea, content, "clip.mp4"))

    assert len(stored) == len(content)  # so that nothing has moved
    assert stored.count(b"picture") == 2
    for told in (samples.PLACE, b"31.2304", b"\xa9xyz", b"udta", b"meta"):
        assert told in content
        assert told not in stored


def test_a_paper_is_kept_as_it_came(bea):
    assert kept(brought(bea, samples.pdf(), "invoice.pdf")) == samples.pdf()


def test_the_same_key_gets_the_same_answer_and_keeps_one_file(bea):
    first = bring(bea, key="once")

    again = bring(bea, key="once")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert File.everywhere.count() == Thumbnail.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("C:\\Users\\bea\\photo.jpg", "photo.jpg"),
        ("gpj.\u202eexe.jpg", "gpj.exe.jpg"),
        ("破损 📦.jpg", "破损 📦.jpg"),
        ("x" * 300 + ".jpg", "x" * 96 + ".jpg"),
    ],
)
def test_a_name_is_for_reading_only(bea, name, shown):
    answer = bring(bea, name=name).json()

    assert answer["name"] == shown
    assert ".." not in File.everywhere.get().key


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\r\nSet-Cookie: x.jpg", "a Set-Cookie: x.jpg"),
        ("a\x00\x1b[31m\u200f.jpg", "a[31m.jpg"),
        ("photos/", "photos"),
        ("..", "file"),
    ],
)
def test_nothing_unseen_is_left_of_a_name(name, shown):
    assert names.cleaned(name) == shown


def test_line_breaks_in_a_form_do_no_harm(bea):
    name = bring(bea, name="a\r\nSet-Cookie: x.jpg").json()["name"]

    assert name.isprintable()


class Stream(io.RawIOBase):
    """A body that is made while it is read, and remembers the largest bite."""

    def __init__(self, *parts):
        self.parts, self.largest = list(parts), 0

    def read(self, size=-1):
        self.largest = max(self.largest, size if size >= 0 else 10**9)
        while self.parts and not len(self.parts[0]):
            self.parts.pop(0)
        if not self.parts:
            return b""
        piece, self.parts[0] = self.parts[0][:size], self.parts[0][size:]
        return bytes(piece)


def send(caller, stream, length):
    return caller.client.generic(
        "POST",
        "/api/v1/files",
        b"",
        "multipart/form-data; boundary=x",
        headers={"Idempotency-Key": "big"},
        CONTENT_LENGTH=str(length),
        **{"wsgi.input": stream},
    )


def test_fifty_megabytes_never_stand_in_memory(bea):
    size = 50 * 1024 * 1024
    start = samples.mp4(tracks=(), media=b"")[:20]
    whole = samples.mp4(media=b"")
    media = size - len(whole)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="v.mp4"\r\n\r\n'
    opening = start + (media + 8).to_bytes(4) + b"mdat"
    parts = (head + opening, Zeros(media), whole[len(opening) :] + b"\r\n--x--\r\n")
    stream = Stream(*parts)
    tracemalloc.start()

    answer = send(bea, stream, sum(map(len, parts)))

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["size"]) == (201, size)
    assert stream.largest <= 1024 * 1024
    assert peak < 10 * 1024 * 1024


class Zeros:
    """So many zeros that nobody holds."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, cut):
        return (
            bytes(min(cut.stop, self.count))
            if cut.start is None
            else Zeros(max(0, self.count - cut.start))
        )


@pytest.mark.requirement("D14")
def test_a_file_that_nobody_names_is_thrown_away_after_seven_days(bea):
    old, new = brought(bea), brought(bea)
    row = File.everywhere.get(pk=old)
    File.everywhere.filter(pk=old).update(uploaded_at=row.uploaded_at - keeping.KEPT)
    at = File.everywhere.get(pk=new).uploaded_at

    assert [keeping.sweep(clock=world.at(at)) for _ in range(2)] == [1, 0]

    assert [str(file.pk) for file in File.everywhere.all()] == [new]
    assert not keeping.storage().exists(row.key)
    assert kept(new)


def test_another_market_gets_nothing_of_it():
    market, other = world.marketplace("bazaar"), world.marketplace("souk")
    for place in (market, other):
        world.party(place, "buyer", "bea")
    first = bring(Caller(market, "buyer", "bea"), key="once").json()

    second = bring(Caller(other, "buyer", "bea"), key="once").json()

    assert first["sha256"] == second["sha256"]
    assert first["id"] != second["id"]
