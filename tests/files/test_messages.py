"""Messages: one thread for each case, four audiences, and nobody reads what is not for him."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft202012Validator

from cases.actors import Actor
from cases.models import Case, Event, File, Message
from cases.refusals import NotYourAudience
from mediation import effects
from mediation.messages import PAUSE, Draft
from mediation.steps import Wish, take
from notifications.models import Contact, Letter
from tests import world
from tests.api import callers
from tests.api.callers import Caller, buyer, order, seller, service
from tests.api.problems import NOBODY, pointers, problem
from tests.files.rows import row
from tests.files.sending import brought
from tests.mediation.story import Story

pytestmark = pytest.mark.django_db

THREAD = 5  # caller, case, the moment, messages, attachments with their files
WORDS = "Bonjour 你好 👩‍👩‍👧 it is\nbroken"


@pytest.fixture
def bought():
    return order()


@pytest.fixture
def case(bought):
    return callers.opened(bought)


def write(caller, case, text="Well?", *, key=None, **more):
    body = {"text": text, **more} if text else more
    return caller.post(f"cases/{case['id']}/messages", body, key=key)


def read(caller, case):
    answer = caller.get(f"cases/{case['id']}/messages")
    assert answer.status_code == 200, answer.content
    return [message["text"] for message in answer.json()["results"]]


def mediator_writes(case, audience, text="From us."):
    mia = Actor(role="mediator", person="7")
    [taken] = take(
        [
            Wish(
                case_id=UUID(case["id"]),
                step="",
                by=mia,
                message=Draft(audience=audience, text=text),
            )
        ]
    )
    return taken


@pytest.mark.requirement("R19")
def test_both_sides_read_what_is_written_to_all(bought, case):
    answer = write(buyer(bought), case, WORDS)

    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "sequence", "audience", "written_at"}
    for reader in (buyer(bought), seller(bought), service(bought)):
        [message] = reader.get(f"cases/{case['id']}/messages").json()["results"]
        assert (message["text"], message["role"], message["audience"]) == (WORDS, "buyer", "all")
        assert message["id"] == answer.json()["id"]


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("all", {"buyer", "seller", "service"}),
        ("buyer_mediator", {"buyer"}),
        ("seller_mediator", {"seller"}),
        ("mediators", set()),
    ],
)
def test_an_audience_is_all_who_read_and_hear_of_it(bought, case, audience, readers):
    mediator_writes(case, audience)

    people = {"buyer": buyer(bought), "seller": seller(bought), "service": service(bought)}
    assert {role for role, caller in people.items() if read(caller, case)} == readers
    told = {
        role
        for role, caller in people.items()
        for entry in caller.get(f"cases/{case['id']}/timeline").json()["results"]
        if entry["name"] == "message"
    }
    assert told == readers


@pytest.mark.parametrize(
    ("role", "audiences"),
    [
        ("buyer", {"all", "buyer_mediator"}),
        ("seller", {"all", "seller_mediator"}),
        ("service", {"all"}),
    ],
)
def test_nobody_writes_where_it_does_not_read(bought, case, role, audiences):
    caller = {"buyer": buyer, "seller": seller, "service": service}[role](bought)

    for audience in ("all", "buyer_mediator", "seller_mediator", "mediators"):
        answer = write(caller, case, audience=audience)
        if audience in audiences:
            assert answer.status_code == 201
        else:
            assert problem(answer) == (403, "NOT_YOUR_AUDIENCE")
    assert set(Message.objects.values_list("audience", flat=True)) == audiences


@pytest.mark.requirement("D17")
@pytest.mark.parametrize("role", ["buyer", "seller", "service"])
def test_a_case_tells_how_to_write_and_what_it_tells_works(bought, case, role):
    caller = {"buyer": buyer, "seller": seller, "service": service}[role](bought)
    told = caller.case(case["id"])["messages"]
    path = told["href"].removeprefix("/api/v1/")

    answers = [
        caller.post(path, {"text": "Well?", "audience": audience}) for audience in told["audiences"]
    ]

    assert {answer.status_code for answer in answers} == {201}
    assert told["input_schema"]["properties"]["audience"]["enum"] == told["audiences"]
    assert set(Message.objects.values_list("audience", flat=True)) == set(told["audiences"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"audience": "all"},
        {"files": []},
        {"text": ""},
        {"text": "a\u202eb"},
        {"text": "x" * 4001},
        {"text": "Well?", "audience": "mediators"},
        {"text": "Well?", "more": 1},
        {"text": "Well?", "files": [NOBODY, NOBODY]},
        {"text": "Well?", "files": ["7"]},
    ],
)
def test_what_the_schema_of_a_message_does_not_allow_is_refused(bought, case, body):
    bea = buyer(bought)
    schema = bea.case(case["id"])["messages"]["input_schema"]
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    answer = bea.post(f"cases/{case['id']}/messages", body)

    assert not validator.is_valid(body)
    assert answer.status_code in {400, 403}
    assert validator.is_valid({"text": "Well? 😀", "files": [NOBODY]})


@pytest.mark.parametrize("role", ["buyer", "seller"])
def test_somebody_elses_thread_does_not_exist(bought, case, role, nothing_changes):
    stranger = Caller(bought.marketplace, role, world.party(bought.marketplace, role).ref)
    nothing_changes()

    assert problem(write(stranger, case)) == (404, "NOT_FOUND")
    assert problem(stranger.get(f"cases/{case['id']}/messages")) == (404, "NOT_FOUND")


def test_a_message_is_an_event_without_words_and_no_new_version(bought, case):
    answer = write(seller(bought), case, WORDS)

    row = Case.everywhere.get(pk=case["id"])
    event = Event.objects.get(case=row, name="message")
    assert (row.version, row.sequence) == (case["version"], event.sequence)
    assert event.sequence == answer.json()["sequence"]
    told = json.loads(event.payload)
    assert (told["message"], told["audience"]) == (answer.json()["id"], "all")
    assert "broken" not in event.payload
    assert buyer(bought).step(case, "withdraw").status_code == 200


def test_the_same_key_writes_once_and_keeps_no_words(bought, case):
    first = write(buyer(bought), case, WORDS, key="once")

    again = write(buyer(bought), case, WORDS, key="once")

    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert Message.objects.count() == 1
    assert problem(write(buyer(bought), case, "Else", key="once")) == (422, "KEY_REUSED")


def test_files_go_along_with_a_message_for_its_readers_only(bought, case):
    bea = buyer(bought)
    photo = brought(bea, name="scar.jpg")

    answer = write(bea, case, "", audience="buyer_mediator", files=[photo])

    assert answer.status_code == 201
    [message] = bea.get(f"cases/{case['id']}/messages").json()["results"]
    assert [(file["id"], file["name"]) for file in message["files"]] == [(photo, "scar.jpg")]
    assert bea.client.get(message["files"][0]["links"]["content"]).status_code == 200
    assert read(seller(bought), case) == []
    assert seller(bought).get(f"cases/{case['id']}/evidence").json()["results"] == []
    assert str(File.everywhere.get().case_id) == case["id"]


def test_somebody_elses_file_does_not_go_along(bought, case, nothing_changes):
    photo = brought(seller(bought))
    nothing_changes()

    assert problem(write(buyer(bought), case, files=[photo])) == (422, "UNKNOWN_FILE")
    assert problem(write(buyer(bought), case, files=[str(uuid4())])) == (422, "UNKNOWN_FILE")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/text", "required"),
        ({"text": ""}, "/text", "blank"),
        ({"text": " \n "}, "/text", "blank"),
        ({"text": "x" * 4001}, "/text", "max_length"),
        ({"text": "gpj.\u202eexe"}, "/text", "characters"),
        ({"text": "a\x07b"}, "/text", "characters"),
        ({"text": 7}, "/text", "invalid"),
        ({"text": "x", "audience": "everybody"}, "/audience", "invalid_choice"),
        ({"text": "x", "files": ["7"]}, "/files/0", "invalid"),
        ({"text": "x", "files": [NOBODY] * 2}, "/files", "twice"),
        ({"text": "x", "files": [NOBODY] * 11}, "/files", "max_length"),
        ({"text": "x", "to": "sam"}, "/to", "unknown"),
    ],
)
def test_what_is_wrong_with_a_message_is_named(bought, case, nothing_changes, body, pointer, code):  # noqa: PLR0917 -- three of them are fixtures
    nothing_changes()

    answer = buyer(bought).post(f"cases/{case['id']}/messages", body)

    assert problem(answer) == (400, "INVALID")
    assert pointers(answer) == [(pointer, code)]


def test_text_of_the_most_that_fits(bought, case):
    assert write(buyer(bought), case, "破" * 4000).status_code == 201


def test_pages_follow_each_other_newest_first(bought, case):
    bea = buyer(bought)
    for number in range(5):
        write(bea, case, str(number))

    first = bea.get(f"cases/{case['id']}/messages", limit=2).json()
    second = bea.client.get(first["next"]).json()

    assert [m["text"] for m in first["results"] + second["results"]] == ["4", "3", "2", "1"]


@pytest.mark.parametrize("n", [1, 3])
def test_a_page_costs_the_same_statements_for_any_number(bought, n, django_assert_num_queries):
    case, bea = callers.opened(bought), buyer(bought)
    for _ in range(n):
        write(bea, case, files=[brought(bea)])

    with django_assert_num_queries(THREAD):
        assert len(read(bea, case)) == n


# Who hears of it


class Thread(Story):
    def writes(self, role, audience="all", *, after=timedelta(minutes=1)):
        """Send a message, and write the letters that follow it: names of their texts."""
        self.now += after
        by = Actor(
            role=role,
            marketplace_id=self.order.marketplace_id,
            party_id=getattr(self.order, f"{role}_id", None),
            person=role,
        )
        wish = Wish(case_id=self.id, step="", by=by, message=Draft(audience=audience, text="x"))
        [said] = take([wish], clock=lambda: self.now)
        if isinstance(said, Exception):
            return said
        Letter.objects.all().delete()
        while effects.run(clock=lambda: self.now):
            pass
        return set(
            Letter.objects.filter(template__startswith="message").values_list("template", flat=True)
        )


@pytest.fixture
def thread():
    thread = Thread()
    for role in ("buyer", "seller"):
        Contact.objects.create(
            recipient_id=getattr(thread.order, f"{role}_id"),
            marketplace_id=thread.order.marketplace_id,
            channel="email",
            address=f"{role}@shop.example",
        )
    return thread


@pytest.mark.parametrize(
    ("role", "audience", "letters"),
    [
        ("buyer", "all", {"message.seller"}),
        ("seller", "all", {"message.buyer"}),
        ("mediator", "all", {"message.buyer", "message.seller"}),
        ("mediator", "buyer_mediator", {"message.buyer"}),
        ("mediator", "seller_mediator", {"message.seller"}),
        ("mediator", "mediators", set()),
        ("buyer", "buyer_mediator", set()),
    ],
)
def test_those_it_is_for_get_a_letter_the_author_none(thread, role, audience, letters):
    assert thread.writes(role, audience) == letters
    assert thread.wrongs == {}


def test_many_messages_make_one_letter_in_ten_minutes(thread):
    heard = [thread.writes("buyer") for _ in range(3)]

    assert heard == [{"message.seller"}, set(), set()]
    assert thread.writes("seller") == {"message.buyer"}  # the other side's is news
    assert thread.writes("buyer", after=PAUSE) == {"message.seller"}


def test_a_message_of_a_stranger_to_the_audience_is_refused_by_the_writer(thread):
    assert isinstance(thread.writes("seller", "buyer_mediator"), NotYourAudience)


def test_what_has_run_out_comes_before_the_message(thread):
    thread.now += timedelta(days=3)

    thread.writes("seller")

    assert thread.steps[-2:] == ["escalate", "message"]
    assert thread.wrongs == {}


def test_a_file_of_a_message_is_of_its_case(thread):
    photo = row(thread.order, "seller")
    seller_ = Actor(role="seller", marketplace_id=photo.marketplace_id, party_id=photo.party_id)
    draft = Draft(audience="all", files=(photo.pk,))

    take([Wish(case_id=thread.id, step="", by=seller_, message=draft)], clock=lambda: thread.now)

    assert Message.objects.get().attachments.get().file_id == photo.pk
    assert thread.wrongs == {}
