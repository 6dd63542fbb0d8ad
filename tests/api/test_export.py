"""A case as one bundle: what its own views show to whoever asks, the files, and their hashes."""

import hashlib
import io
import json
import zipfile
from uuid import UUID

import pytest
from django.urls import reverse

from cases.actors import Actor
from cases.models import Event, File
from mediation.export import archive
from mediation.files import keeping
from mediation.messages import Draft
from mediation.steps import Wish, take
from tests import world
from tests.api import callers
from tests.api.callers import buyer, order, seller, service
from tests.desk.staff import hire, let_in
from tests.files import samples
from tests.files.sending import brought
from tests.notifications.make import contact

pytestmark = pytest.mark.django_db

EXPORT = 61  # each view asks for itself; whatever there is
AUDIENCES = ("all", "buyer_mediator", "seller_mediator", "mediators")
PARTS = {
    "applications": "applications",
    "offers": "offers",
    "evidence": "evidence",
    "parcels": "parcels",
    "refunds": "refunds",
    "dispute": "dispute",
    "clocks": "clocks",
    "explanation": "explanation",
}


@pytest.fixture
def bought():
    found = order()
    for side in (found.buyer, found.seller):
        contact(side.pk, address=f"{side.role}@secret.example")
    return found


@pytest.fixture
def case(bought):
    """A disputed case with a photo, messages to every audience, and one side that has handed in."""
    bea = buyer(bought)
    photo = [{"slot": "photo_goods", "file": brought(bea, name="破损.jpg")}]
    found = callers.opened(bought, reason="quality", evidence=photo)
    told = {"reason": "no_defect", "statement": "It was whole."}
    photo = [{"slot": "photo_goods", "file": brought(seller(bought))}]
    seller(bought).step(found, "refuse", evidence=photo, **told)
    bea.step(bea.case(found["id"]), "escalate")
    for audience in AUDIENCES:
        writes(found, audience)
    return found


def writes(case, audience):
    by = Actor(role="mediator", person="7")
    draft = Draft(audience=audience, text=f"For {audience}.")
    [said] = take([Wish(case_id=UUID(case["id"]), step="", by=by, message=draft)])
    assert not isinstance(said, Exception), said


def exported(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def told(bundle):
    return json.loads(bundle.read("case.json"))


def bare(value):
    """Leave out where files are found: links in answers, paths in the bundle."""
    if isinstance(value, list):
        return [bare(one) for one in value]
    if isinstance(value, dict):
        return {n: bare(one) for n, one in value.items() if n not in {"links", "path"}}
    return value


@pytest.mark.requirement("K14")
def test_a_bundle_holds_what_each_view_shows_to_whoever_asks(bought, case):
    for who in (buyer, seller, service):
        holds_what_is_shown(who(bought), f"cases/{case['id']}")


def holds_what_is_shown(caller, path):
    bundle = exported(caller.get(f"{path}/export"))
    found = told(bundle)

    for name, part in PARTS.items():
        assert bare(found[name]) == bare(caller.get(f"{path}/{part}").json())
    shown = caller.get(path).json()
    left_out = {"actions", "unavailable_actions", "messages"}
    assert found["case"] == {n: v for n, v in shown.items() if n not in left_out}
    messages = caller.get(f"{path}/messages").json()["results"]
    assert bare(found["messages"]) == bare(messages[::-1])
    entries = caller.get(f"{path}/timeline", limit=100).json()["results"]
    chained = {"hash", "previous"}
    assert [{n: v for n, v in e.items() if n not in chained} for e in found["timeline"]] == entries
    everything = b"".join(bundle.read(name) for name in bundle.namelist())
    assert everything.count(b"@secret.example") == 0
    read = {audience for audience in AUDIENCES if f"For {audience}.".encode() in everything}
    assert read == {message["audience"] for message in messages}


@pytest.mark.requirement("K14")
def test_everything_in_a_bundle_has_its_hash_and_of_what_was_erased_it_is_left(bought, case):
    bundle = exported(buyer(bought).get(f"cases/{case['id']}/export"))

    listed = dict(
        line.split("  ", 1)[::-1] for line in bundle.read("manifest.sha256").decode().splitlines()
    )
    assert listed == {
        name: hashlib.sha256(bundle.read(name)).hexdigest()
        for name in bundle.namelist()
        if name != "manifest.sha256"
    }
    files = {file.sha256: file for file in File.everywhere.all()}
    placed = [row["file"]["path"] for row in told(bundle)["evidence"]["results"]]
    assert placed == ["files/001-破损.jpg", "files/002-photo.jpg"]
    assert {listed[place] for place in placed} == files.keys()
    hashes = {e.sequence: (bytes(e.previous).hex(), bytes(e.hash).hex()) for e in chain(case)}
    for entry in told(bundle)["timeline"]:
        assert (entry["previous"], entry["hash"]) == hashes[entry["sequence"]]

    keeping.forget(File.everywhere.filter(role="buyer"))
    bundle = exported(seller(bought).get(f"cases/{case['id']}/export"))
    erased, kept = told(bundle)["evidence"]["results"]
    assert (erased["file"]["path"], kept["file"]["path"]) == (None, "files/002-photo.jpg")
    assert len(erased["sha256"]) == 64
    assert bundle.namelist() == ["case.json", "manifest.sha256", "files/002-photo.jpg"]


def chain(case):
    return Event.objects.filter(case=case["id"])


def test_a_large_file_goes_out_piece_by_piece(bought):
    film = samples.mp4(media=b"picture" * 200_000)
    shown = [{"slot": "video", "file": brought(buyer(bought), film, "film.mp4")}]
    case = callers.opened(bought, reason="quality", evidence=shown)

    answer = buyer(bought).get(f"cases/{case['id']}/export")

    pieces = [len(piece) for piece in answer.streaming_content]
    assert sum(pieces) > len(film) > 20 * archive.PIECE
    assert max(pieces) <= 2 * archive.PIECE


def test_a_bundle_costs_the_same_statements_for_any_number(bought, case, django_assert_num_queries):
    bea = buyer(bought)
    for _ in range(2):
        with django_assert_num_queries(EXPORT):
            assert bea.get(f"cases/{case['id']}/export").status_code == 200
        for text in ("One.", "Two."):
            bea.post(f"cases/{case['id']}/messages", {"text": text, "files": [brought(bea)]})


def enter(client, who):
    client.force_login(who.user)
    let_in(client, who.user)


def test_the_desk_exports_what_our_people_read_too(client, bought, case):
    address = reverse("admin:cases_case_export", args=[case["id"]])
    page = reverse("admin:cases_case_change", args=[case["id"]])
    enter(client, hire("ada", "auditor"))

    bundle = exported(client.get(address))

    assert [message["audience"] for message in told(bundle)["messages"]] == list(AUDIENCES)
    assert f'href="{address}"' in client.get(page).content.decode()
    enter(client, hire("eve", marketplaces=[world.marketplace("souk")]))
    assert client.get(address).status_code == 404
