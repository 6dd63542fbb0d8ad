"""The thread and the files of a case at the desk."""

import io
from uuid import uuid4

import pytest
from django.core.files import File as Content
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.actors import Actor
from cases.models import Event, File, Message
from mediation.files import keeping
from mediation.messages import Draft
from mediation.steps import Wish, take
from tests import world
from tests.desk.situations import Scene, all_of, read, step
from tests.desk.staff import hire
from tests.files.rows import row
from tests.files.samples import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene()


def typed(text="What happened?", audience="all", **more):
    return {"text": text, "audience": audience, "key": str(uuid4()), **more}


def write(client, case, who, data):
    client.force_login(who.user)
    return client.post(reverse("admin:cases_case_write", args=[case.pk]), data)


def page(client, case, who):
    client.force_login(who.user)
    return client.get(reverse("admin:cases_case_change", args=[case.pk]))


def party_writes(case, role, audience, text):
    by = world.actor(case, role)
    [said] = take(
        [Wish(case_id=case.pk, step="", by=by, message=Draft(audience=audience, text=text))]
    )
    assert not isinstance(said, Exception), said


def photo(case, role="seller"):
    file = row(case, role)
    keeping.storage().save(file.key, Content(io.BytesIO(jpeg())))
    return file


@pytest.mark.parametrize("audience", ["all", "buyer_mediator", "seller_mediator", "mediators"])
@pytest.mark.parametrize("role", ["mediator", "senior", "supervisor"])
def test_mediators_write_to_whom_they_choose(client, scene, role, audience):
    case = scene.opened()

    answer = write(client, case, scene.staff[role], typed(audience=audience))

    assert (answer.status_code, answer.url.partition("#")[2]) == (302, "messages")
    message = Message.objects.get()
    assert (message.text, message.audience, message.role) == ("What happened?", audience, role)
    assert message.person == scene.staff[role].person
    assert read(case).version == case.version
    assert Event.objects.filter(case=case, name="message").count() == 1


def test_a_mediator_sends_a_file_along(client, scene):
    case = scene.opened()
    photo_ = SimpleUploadedFile("seal.jpg", jpeg(place=True))
    data = typed(audience="mediators", file=photo_)

    first = write(client, case, scene.mia, data)
    photo_.seek(0)
    write(client, case, scene.mia, data)

    kept = File.everywhere.get()
    assert first.status_code == 302
    assert (kept.role, kept.party_id, kept.case_id) == ("mediator", None, case.pk)
    assert kept.sha256 != kept.uploaded_sha256
    assert [row.file_id for row in Message.objects.get().attachments.all()] == [kept.pk]


@pytest.mark.parametrize(
    ("audience", "told"),
    [("all", 2), ("buyer_mediator", 1), ("seller_mediator", 1), ("mediators", 0)],
)
def test_before_a_message_is_sent_the_page_tells_who_will_hear_of_it(client, scene, audience, told):
    case = scene.opened()
    client.force_login(scene.mia.user)
    address = reverse("admin:cases_case_try_message", args=[case.pk])

    answer = client.post(address, typed("", audience))

    assert answer.json()["html"].count("<details") == told
    assert (Message.objects.count(), read(case).sequence) == (0, case.sequence)
    client.force_login(scene.staff["auditor"].user)
    assert client.post(address, typed()).status_code == 403


def test_a_file_that_is_none_is_refused_and_the_words_are_kept(client, scene):
    case = scene.opened()

    answer = write(client, case, scene.mia, typed(file=SimpleUploadedFile("a.jpg", b"nothing")))

    assert answer.status_code == 409
    assert answer.context["write"]["text"].value() == "What happened?"
    assert (File.everywhere.count(), Message.objects.count()) == (0, 0)


@pytest.mark.parametrize("role", ["auditor", "ops"])
def test_who_only_looks_does_not_write(client, scene, role):
    case = scene.opened()

    answer = write(client, case, scene.staff[role], typed())

    assert answer.status_code == 403
    assert page(client, case, scene.staff[role]).context["write"] is None
    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "x" * 4001},
        {"text": "gpj.\u202eexe"},
        {"audience": "everybody"},
        {"key": "7"},
    ],
)
def test_what_is_not_right_is_not_sent_and_stays_in_the_form(client, scene, wrong):
    case = scene.opened()
    before = all_of(case)

    answer = write(client, case, scene.mia, typed() | wrong)

    assert answer.status_code == 422
    form = answer.context["write"]
    assert set(form.errors) == set(wrong)
    assert form["text"].value() == wrong.get("text", "What happened?")
    assert (all_of(case), Message.objects.count()) == (before, 0)


def test_two_clicks_send_one_message(client, scene):
    case, data = scene.opened(), typed()

    answers = [write(client, case, scene.mia, data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Message.objects.count() == 1


def test_a_form_sent_again_with_other_words_is_refused(client, scene):
    case, data = scene.opened(), typed()
    write(client, case, scene.mia, data)

    answer = write(client, case, scene.mia, data | {"text": "Something else"})

    assert answer.status_code == 409
    assert answer.context["write"]["text"].value() == "Something else"
    assert Message.objects.count() == 1


def test_the_page_shows_what_everybody_wrote_and_to_whom(client, scene):
    case = scene.opened()
    party_writes(case, "buyer", "buyer_mediator", "Only for you")
    write(client, case, scene.mia, typed("Thank you", "buyer_mediator"))

    answer = page(client, case, scene.mia)

    assert [(m.text, m.by) for m in answer.context["thread"]] == [
        ("Only for you", ""),
        ("Thank you", "Mia"),
    ]
    shown = answer.content.decode()
    assert "Buyer → The buyer and the mediators" in shown
    assert "The buyer wrote a message." in shown


def test_words_of_a_message_are_shown_as_words(client, scene):
    case = scene.opened()
    party_writes(case, "buyer", "all", "<script>alert(1)</script>")

    shown = page(client, case, scene.mia).content.decode()

    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_evidence_is_opened_from_the_page(client, scene):
    case = scene.opened()
    file = photo(case)
    proof = [{"slot": "photo_goods", "file": file.pk}]
    step(
        case,
        "refuse",
        world.actor(case, "seller"),
        reason="no_defect",
        statement="No.",
        evidence=proof,
    )
    address = reverse("admin:cases_case_file", args=[case.pk, file.pk, "content"])

    assert f'href="{address}"' in page(client, case, scene.mia).content.decode()
    answer = client.get(address)

    assert b"".join(answer.streaming_content) == jpeg()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    part = client.get(address, headers={"range": "bytes=0-1"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, jpeg()[:2])
    assert client.get(address, headers={"range": "bytes=99999999-"}).status_code == 416


def test_a_file_of_a_message_is_opened_from_the_page(client, scene):
    case = scene.opened()
    file = photo(case, "buyer")
    by = Actor(role="buyer", marketplace_id=file.marketplace_id, party_id=file.party_id)
    take([Wish(case_id=case.pk, step="", by=by, message=Draft(audience="all", files=(file.pk,)))])

    address = reverse("admin:cases_case_file", args=[case.pk, file.pk, "content"])

    assert f'href="{address}"' in page(client, case, scene.mia).content.decode()


def test_files_are_shown_to_nobody_else(client, scene):
    case, other = scene.opened(), scene.opened()
    file = photo(case)
    File.everywhere.filter(pk=file.pk).update(case=case)

    def get(of, form="content"):
        return client.get(reverse("admin:cases_case_file", args=[of.pk, file.pk, form])).status_code

    assert get(case) == 302  # to the log-in
    client.force_login(hire("eve", marketplaces=[world.marketplace("souk")]).user)
    assert get(case) == 404
    client.force_login(scene.mia.user)
    assert (get(case), get(other), get(case, "thumbnail"), get(case, "all")) == (200, 404, 404, 404)
