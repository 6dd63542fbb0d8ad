"""Evidence: files that a step names, the list of them, and what is still asked for."""

import json
from uuid import uuid4

import pytest

from cases.models import Event, Evidence, File
from cases.refusals import UnknownFile, WrongKind
from tests import world
from tests.api import callers
from tests.api.callers import Caller, buyer, order, seller, service
from tests.api.problems import problem
from tests.files import samples
from tests.files.rows import row
from tests.files.sending import brought
from tests.mediation.story import Story, in_mediation

pytestmark = pytest.mark.django_db

PHOTO = "photo_goods"
LIST = 6  # caller, case, last application, evidence with files, requests, the moment


def evidence(case, caller):
    answer = caller.get(f"cases/{case['id']}/evidence")
    assert answer.status_code == 200, answer.content
    return answer.json()


def named(file, slot=PHOTO):
    return [{"slot": slot, "file": file}]


@pytest.mark.requirement("D01", "R04")
def test_a_photo_proves_what_is_wrong():
    bought = order()
    bea = buyer(bought)
    photo = brought(bea, name="破损.jpg")

    answer = bea.open(bought, reason="quality", evidence=named(photo))

    case = answer.json()
    assert answer.status_code == 201
    [handed_in] = evidence(case, seller(bought))["results"]
    file = File.everywhere.get(pk=photo)
    assert str(file.case_id) == case["id"]
    assert (handed_in["slot"], handed_in["role"], handed_in["round"]) == (PHOTO, "buyer", 0)
    assert (handed_in["sealed"], handed_in["late"]) == (True, False)
    assert handed_in["sha256"] == file.sha256
    assert handed_in["file"]["name"] == "破损.jpg"
    assert Evidence.objects.get().file_id == file.pk


def test_the_timeline_is_chained_to_the_content_of_each_file():
    bought = order()
    bea = buyer(bought)
    photo = brought(bea)
    bea.open(bought, reason="quality", evidence=named(photo))

    [event] = Event.objects.all()

    assert json.loads(event.payload)["files"] == [File.everywhere.get().sha256]
    assert "photo.jpg" not in event.payload


@pytest.mark.parametrize("whose", ["the seller's", "another buyer's", "elsewhere", "nobody's"])
def test_somebody_elses_file_is_not_known(whose, nothing_changes):
    bought = order()
    other = world.party(bought.marketplace, "buyer")
    souk = world.marketplace("souk")
    world.party(souk, "buyer", bought.buyer.ref)
    owners = {
        "the seller's": seller(bought),
        "another buyer's": Caller(bought.marketplace, "buyer", other.ref),
        "elsewhere": Caller(souk, "buyer", bought.buyer.ref),
    }
    file = brought(owners[whose]) if whose in owners else str(uuid4())
    nothing_changes()

    answer = buyer(bought).open(bought, reason="quality", evidence=named(file))

    assert problem(answer) == (422, "UNKNOWN_FILE")
    assert answer.json()["file"] == file


def test_a_file_belongs_to_one_case():
    story, other = Story(), Story()
    photo = row(story.order, "seller")
    photo.party_id = other.order.seller_id
    File.everywhere.filter(pk=photo.pk).update(party_id=story.order.seller_id)
    story.seller("refuse", reason="no_defect", evidence=named(photo.pk))
    File.everywhere.filter(pk=photo.pk).update(party_id=other.order.seller_id)

    refused = other.asks("seller", "refuse", reason="no_defect", evidence=named(photo.pk))

    assert isinstance(refused, UnknownFile)


def test_the_same_file_may_fill_two_slots_of_its_case():
    story = Story()
    photo = row(story.order, "seller")

    story.seller("refuse", reason="no_defect", evidence=named(photo.pk) + named(photo.pk, "chat"))

    assert photo.evidence.count() == 2
    assert story.wrongs == {}


@pytest.mark.parametrize(("slot", "kind"), [("video", "image"), (PHOTO, "pdf"), ("intact", "pdf")])
def test_a_slot_takes_its_own_kinds_of_files(slot, kind):
    story = Story()
    file = row(story.order, "seller", kind)

    refused = story.asks("seller", "refuse", reason="no_defect", evidence=named(file.pk, slot))

    assert isinstance(refused, WrongKind)
    assert File.everywhere.get().case_id is None


def test_a_dry_run_binds_no_file(nothing_changes):
    bought = order()
    bea = buyer(bought)
    photo = brought(bea)
    nothing_changes()

    answer = bea.open(bought, reason="quality", evidence=named(photo), dry_run=True)

    assert answer.status_code == 200


def test_a_file_here_has_no_hash_of_its_own(nothing_changes):
    bought = order()
    bea = buyer(bought)
    nothing_changes()
    both = [{"slot": PHOTO, "file": str(uuid4()), "sha256": "a" * 64}]

    answer = bea.open(bought, reason="quality", evidence=both)

    assert problem(answer) == (400, "INVALID")
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/evidence/0/sha256"]


def test_the_checklist_tells_what_the_reason_still_asks_for():
    bought = order()
    case = callers.opened(bought, reason="quality", evidence=[{"slot": "video"}])

    checklist = evidence(case, buyer(bought))["checklist"]

    assert [
        (item["slot"], item["level"], item["given"], item["satisfied"])
        for item in checklist["application"]
    ] == [
        ("photo_goods", "one_of", False, True),
        ("video", "one_of", True, True),
        ("test_report", "optional", False, False),
        ("harm", "optional", False, False),
    ]
    assert checklist["application"][1]["name"] == {"en": "Video", "zh": "视频"}
    assert checklist["application"][1]["kinds"] == ["video"]
    assert checklist["rounds"] == []


def as_caller(story, role):
    bought = story.order
    return Caller(bought.marketplace, role, getattr(bought, role).ref)


def test_what_the_other_side_hands_in_stays_sealed_until_both_are_done():
    story = in_mediation()
    asked = {"buyer": [PHOTO, "video"], "seller": [PHOTO]}
    story.mediator("ask_evidence", requests=asked)
    photo = row(story.order, "buyer")
    story.buyer("hand_in", evidence=named(photo.pk))
    case = {"id": story.id}

    own = evidence(case, as_caller(story, "buyer"))
    others = evidence(case, as_caller(story, "seller"))

    assert [e["round"] for e in own["results"]].count(1) == 1
    assert [e["round"] for e in others["results"]].count(1) == 0
    [mine] = own["checklist"]["rounds"]
    assert [(item["slot"], item["satisfied"]) for item in mine["items"]] == [
        (PHOTO, True),
        ("video", False),
    ]
    [theirs] = others["checklist"]["rounds"]
    assert [(item["slot"], item["satisfied"]) for item in theirs["items"]] == [(PHOTO, False)]

    story.seller("hand_in")

    found = evidence(case, as_caller(story, "seller"))["results"]
    assert [(e["sealed"], e["late"]) for e in found if e["round"] == 1] == [(True, False)]


def test_what_comes_after_the_seal_is_late():
    story = in_mediation()
    story.mediator("ask_evidence", requests={"buyer": [PHOTO]})
    story.buyer("hand_in")
    story.mediator("rule")
    story.buyer("appeal", evidence=named(row(story.order, "buyer").pk))

    found = evidence({"id": story.id}, as_caller(story, "seller"))["results"]

    assert [e["late"] for e in found if e["round"] == 1] == [True]


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_costs_the_same_statements_for_any_number(n, django_assert_num_queries):
    bought = order()
    bea = buyer(bought)
    photos = [named(brought(bea))[0] for _ in range(n)]
    case = callers.opened(bought, reason="quality", evidence=photos)

    with django_assert_num_queries(LIST):
        assert len(evidence(case, bea)["results"]) == n


def test_a_service_brings_files_for_the_buyer_it_speaks_for():
    bought = order()
    desk = service(bought)
    photo = brought(desk, samples.png())

    answer = desk.open(bought, reason="quality", evidence=named(photo))

    assert answer.status_code == 201
    [handed_in] = evidence(answer.json(), buyer(bought))["results"]
    assert handed_in["file"]["media_type"] == "image/png"
