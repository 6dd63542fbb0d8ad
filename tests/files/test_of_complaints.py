"""Files that prove a complaint: brought first, named once, seen by both sides and the desk."""

import io
import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files import File as Content
from django.urls import reverse

from cases.models import Complaint, ComplaintEvent, ComplaintStatement, File
from mediation.files import keeping
from mediation.invariants import check
from tests import complaint_world, world
from tests.api import callers
from tests.api.callers import NOW, buyer, order, seller
from tests.api.problems import pointers, problem
from tests.desk.staff import hire, let_in
from tests.files.rows import row
from tests.files.samples import pdf
from tests.files.sending import brought
from tests.notifications.make import contact

pytestmark = pytest.mark.django_db

SEEN = 7  # caller, complaint, the gap, penalties, statements, files, the moment


@pytest.fixture
def bought():
    return order()


def complain(bought, file, *, slot="chat", ground="abuse", dry_run=False):
    """Let the seller complain of the buyer, with one thing that proves it."""
    case = callers.opened(bought)
    body = {"case": case["id"], "ground": ground, "statement": "Read it."}
    body |= {"evidence": [{"slot": slot, **file}]}
    if dry_run:
        return seller(bought).client.post("/api/v1/complaints?dry_run=true", body)
    return seller(bought).post("complaints", body)


def said(caller, complaint):
    return [
        row["evidence"] for row in caller.get(f"complaints/{complaint['id']}").json()["statements"]
    ]


def test_both_sides_bring_files_and_see_those_of_the_other(bought):
    sam, bea = seller(bought), buyer(bought)
    shot, answer = brought(sam, name="聊天.jpg"), brought(bea, pdf(), "receipt.pdf")

    complaint = complain(bought, {"file": shot}).json()
    bea.post(
        f"complaints/{complaint['id']}/steps/answer",
        {"statement": "I paid.", "evidence": [{"slot": "payment_record", "file": answer}]},
        if_match=1,
    )

    files = File.everywhere.in_bulk()
    for reader in (sam, bea):
        [[first], [second]] = said(reader, complaint)
        assert (first["slot"], first["file"]["id"], first["file"]["name"]) == (
            "chat",
            shot,
            "聊天.jpg",
        )
        assert (second["file"]["id"], second["file"]["kind"]) == (answer, "pdf")
        for item in (first, second):
            assert item["sha256"] == files[UUID(item["file"]["id"])].sha256
            assert reader.client.get(item["file"]["links"]["content"]).status_code == 200
    assert {(str(f.complaint_id), f.case_id) for f in files.values()} == {(complaint["id"], None)}
    told = [
        json.loads(event.payload).get("files") for event in ComplaintEvent.objects.order_by("id")
    ]
    assert told == [[first["sha256"]], [second["sha256"]]]
    assert check() == {}


def test_whoever_is_complained_of_reads_nothing_of_how_the_other_side_is_reached(bought):
    contact(bought.seller_id, address="sam@shop.example")
    complaint = complain(bought, {"file": brought(seller(bought))}).json()

    shown = buyer(bought).get(f"complaints/{complaint['id']}").content.decode()

    assert shown.count("sam@shop.example") == 0


@pytest.mark.parametrize("whose", ["the buyer's", "nobody's", "of a case", "of a complaint"])
def test_a_file_serves_its_owner_alone(whose, bought, nothing_changes):
    sam = seller(bought)
    file = row(bought, "buyer" if whose == "the buyer's" else "seller")
    if whose == "of a case":
        case = callers.opened(order(bought.marketplace, buyer=bought.buyer, seller=bought.seller))
        File.everywhere.filter(pk=file.pk).update(case=case["id"])
    if whose == "of a complaint":
        assert complain(bought, {"file": str(file.pk)}).status_code == 201
    key = str(uuid4()) if whose == "nobody's" else str(file.pk)
    body = {"order": bought.ref, "ground": "malicious_refund", "statement": "Read it."}
    nothing_changes()

    answer = sam.post("complaints", body | {"evidence": [{"slot": "chat", "file": key}]})

    assert problem(answer) == (422, "UNKNOWN_FILE")
    assert answer.json()["file"] == key


def test_a_slot_of_a_complaint_takes_its_own_kinds(bought):
    answer = complain(bought, {"file": str(row(bought, "seller").pk)}, slot="video")

    assert problem(answer) == (422, "WRONG_KIND")
    assert answer.json()["kinds"] == ["video"]
    assert (File.everywhere.get().complaint_id, Complaint.everywhere.count()) == (None, 0)


@pytest.mark.parametrize(
    ("file", "code"), [({}, "required"), ({"file": str(uuid4()), "sha256": "a" * 64}, "both")]
)
def test_what_proves_it_is_a_file_or_a_hash(file, code, bought):
    answer = complain(bought, file)

    assert pointers(answer) == [("/evidence/0/sha256", code)]


def test_a_dry_run_of_a_complaint_binds_no_file(bought):
    file = row(bought, "seller")

    assert complain(bought, {"file": str(file.pk)}, dry_run=True).status_code == 200

    assert File.everywhere.get().complaint_id is None


def test_what_a_complaint_has_named_is_kept_and_the_rest_thrown_away(bought):
    named, other = row(bought, "seller"), row(bought, "seller")
    complain(bought, {"file": str(named.pk)})

    keeping.sweep(clock=world.at(NOW + timedelta(days=8)))

    assert list(File.everywhere.values_list("pk", flat=True)) == [named.pk]
    assert other.pk != named.pk


@pytest.mark.parametrize("n", [1, 3])
def test_a_complaint_is_read_in_the_same_statements_for_any_number(
    n, bought, django_assert_num_queries
):
    complaint = complain(bought, {"file": str(row(bought, "seller").pk)}).json()
    found = ComplaintStatement.objects.get()
    files = [row(bought, "seller", complaint_id=complaint["id"]) for _ in range(n)]
    found.evidence = [{"slot": "chat", "sha256": f.sha256, "file": str(f.pk)} for f in files]
    found.save()

    with django_assert_num_queries(SEEN):
        [shown] = said(buyer(bought), complaint)
    assert [item["file"]["id"] for item in shown] == [str(f.pk) for f in files]


def enter(client, who):
    client.force_login(who.user)
    let_in(client, who.user)


def test_the_desk_shows_the_files_of_a_complaint_in_its_viewer(client, bought):
    case = callers.opened(bought)
    found = complaint_world.complain(world.case(case["id"]), when=NOW)
    paper = row(bought, "seller", "pdf", complaint=found)
    keeping.storage().save(paper.key, Content(io.BytesIO(pdf())))
    handed_in = [{"slot": "chat", "sha256": paper.sha256, "file": str(paper.pk)}]
    ComplaintStatement.objects.update(evidence=handed_in)
    mia, eve = hire("mia"), hire("eve", marketplaces=[world.marketplace("souk")])

    def at(form):
        return reverse("admin:cases_complaint_file", args=[found.pk, paper.pk, form])

    enter(client, mia)
    page = client.get(reverse("admin:cases_complaint_change", args=[found.pk])).content.decode()
    answers = {form: client.get(at(form)).status_code for form in ("content", "inline", "small")}

    assert f'data-view="pdf" data-src="{at("inline")}"' in page
    assert '<dialog class="viewer"' in page
    assert answers == {"content": 200, "inline": 200, "small": 404}
    enter(client, eve)
    assert client.get(at("content")).status_code == 404
