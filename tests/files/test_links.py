"""Links to files: short, for one file in one form, served so that no browser runs them."""

import io
from urllib.parse import quote

import pytest
from django.test import Client
from PIL import Image

from cases.links import LIFE
from cases.models import File
from mediation.files import keeping, thumbnails, views
from mediation.invariants import check
from mediation.models import Thumbnail
from mediation.steps import database_clock
from tests import world
from tests.api import callers
from tests.api.callers import buyer, order, seller
from tests.api.problems import problem
from tests.files import samples
from tests.files.sending import bring, brought
from tests.files.test_evidence import evidence, named
from tests.mediation.test_metrics import figures

pytestmark = pytest.mark.django_db

FILM = samples.mp4(media=b"picture" * 20_000)


@pytest.fixture
def anybody():
    """A browser with nothing but a link."""
    return Client(raise_request_exception=False)


@pytest.fixture
def bought():
    return order()


def links_of(bought, content=None, name="photo.jpg", slot="photo_goods"):
    bea = buyer(bought)
    case = callers.opened(
        bought, reason="quality", evidence=named(brought(bea, content, name), slot)
    )
    return evidence(case, seller(bought))["results"][0]["file"]["links"]


def film(bought):
    return links_of(bought, FILM, "film.mp4", "video")["content"]


def body(answer):
    return b"".join(answer.streaming_content)


def test_a_link_gives_the_file_as_an_attachment_that_no_browser_runs(anybody, bought):
    answer = anybody.get(links_of(bought, name="破损.png")["content"], HTTP_ACCEPT="image/webp")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote('破损.jpg')}"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    content = body(answer)
    assert int(answer["Content-Length"]) == len(content) == File.everywhere.get().size
    assert Image.open(io.BytesIO(content)).size == (40, 20)


def test_a_link_ends_after_five_minutes(anybody, bought, monkeypatch):
    link = links_of(bought)["content"]
    later = database_clock() + LIFE
    monkeypatch.setattr(views, "database_clock", world.at(later))

    assert problem(anybody.get(link)) == (410, "LINK_EXPIRED")


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("signature=", "signature=x"),
        ("until=1", "until=2"),
        ("/content", "/thumbnail"),
        ("until=", "until=x"),
        ("?until=", "?"),
    ],
)
def test_a_link_that_was_tampered_with(anybody, bought, part, other):
    link = links_of(bought)["content"]
    assert part in link

    assert problem(anybody.get(link.replace(part, other, 1))) == (403, "BAD_LINK")


def test_a_link_is_for_one_file(anybody, bought):
    link = links_of(bought)["content"]
    other = brought(buyer(bought))

    assert problem(anybody.get(link.replace(str(File.everywhere.first().pk), other))) == (
        403,
        "BAD_LINK",
    )


def test_a_file_whose_bytes_are_gone(anybody, bought):
    link = links_of(bought)["content"]
    keeping.discard(File.everywhere.get())

    assert problem(anybody.get(link)) == (404, "NOT_FOUND")


def test_what_is_forgotten_leaves_nothing_but_its_hash(anybody, bought):
    link = links_of(bought, name="scar.jpg")["content"]
    before = File.everywhere.get()

    assert keeping.forget(File.everywhere.all()) == 1

    file = File.everywhere.get()
    assert (file.name, file.sha256) == ("file", before.sha256)
    assert problem(anybody.get(link)) == (404, "NOT_FOUND")
    assert check() == {}


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=70000-70001", 70_000, 70_002),
        ("bytes=10-999999999", 10, None),
        ("bytes=-999999999", 0, None),
    ],
)
def test_a_player_may_seek_in_a_film(anybody, bought, asked, start, end):
    answer = anybody.get(film(bought), HTTP_RANGE=asked)

    whole = FILM[:]
    part = body(answer)
    first = start if start >= 0 else len(whole) + start
    assert answer.status_code == 206
    assert part == whole[start:end]
    assert answer["Content-Length"] == str(len(part))
    assert answer["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=0-1,5-6", "bytes=-0"])
def test_a_part_that_is_not_there(anybody, bought, asked):
    answer = anybody.get(film(bought), HTTP_RANGE=asked)

    assert problem(answer) == (416, "NO_SUCH_PART")
    assert answer["Content-Range"] == f"bytes */{len(FILM)}"


@pytest.mark.parametrize("asked", ["pages=1-2", "bytes=x-1", "bytes=9-1", "bytes=-", "bytes"])
def test_what_is_no_range_is_passed_over(anybody, bought, asked):
    answer = anybody.get(film(bought), HTTP_RANGE=asked)

    assert (answer.status_code, body(answer)) == (200, FILM)


def test_a_part_is_given_only_of_what_has_not_changed(anybody, bought):
    link = film(bought)
    tag = anybody.get(link)["ETag"]

    same = anybody.get(link, HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE=tag)
    other = anybody.get(link, HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE='"another"')

    assert (same.status_code, len(body(same))) == (206, 2)
    assert (other.status_code, len(body(other))) == (200, len(FILM))


def test_a_worker_makes_thumbnails(anybody, bought):
    assert links_of(bought, samples.jpeg((1600, 800)))["thumbnail"] is None
    assert [thumbnails.make(), thumbnails.make()] == [1, 0]

    case = {"id": File.everywhere.get().case_id}
    link = evidence(case, seller(bought))["results"][0]["file"]["links"]["thumbnail"]
    answer = anybody.get(link)

    assert (answer["Content-Type"], answer["Content-Disposition"]) == ("image/jpeg", "inline")
    assert Image.open(io.BytesIO(body(answer))).size == (320, 160)


def test_films_and_papers_have_no_thumbnail(bought):
    for content in (samples.mp4(), samples.pdf()):
        brought(buyer(bought), content)

    assert Thumbnail.objects.count() == 0


def test_a_photo_that_cannot_be_read_again_does_not_hold_up_the_others(bought, caplog):
    lost, good = (brought(buyer(bought)) for _ in range(2))
    keeping.storage().delete(File.everywhere.get(pk=lost).key)

    thumbnails.make()

    assert set(File.everywhere.exclude(thumbnail_at=None).values_list("pk", flat=True)) == {
        File.everywhere.get(pk=good).pk
    }
    assert Thumbnail.objects.get(file=lost).done_at is None
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_thumbnail_that_was_given_up_is_counted(bought):
    brought(buyer(bought))
    Thumbnail.objects.update(dead_at=database_clock())

    assert figures()["mediation_dead_letters", "thumbnails"] == 1


def test_a_lost_broker_loses_no_thumbnail(bought, monkeypatch):
    monkeypatch.setattr(keeping.bell, "ring", lambda *_: False)

    assert bring(buyer(bought)).status_code == 201

    assert thumbnails.make() == 1
