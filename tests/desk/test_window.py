"""The admin as a window: everything to look at, nothing to edit, secrets hidden, replay alone."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Marketplace, PolicyVersion, Rating, Recovery, Signal
from mediation.desk.readonly import ReadOnly
from mediation.effects import run
from mediation.models import Deed, Effect, Mediator, SecondFactor
from mediation.oversight import deeds
from mediation.steps import database_clock
from notifications.models import Contact, Delivery, Letter, WebhookEndpoint
from tests import complaint_world, world
from tests.desk.situations import Scene
from tests.desk.staff import drawn, hire, ruled
from tests.desk.wording import untranslated

pytestmark = pytest.mark.django_db

OURS = {"cases", "mediation", "notifications"}
WINDOWS = sorted(
    (
        model._meta.label_lower
        for model, shown in admin.site._registry.items()
        if isinstance(shown, ReadOnly)
    ),
)
LISTED = {"cases.docket": "entries", "cases.complaint": "rows", "cases.rating": "ratings"}
NAMES = {"cup", "https://shop.example/hook"}
ROLES = ["mediator", "senior", "supervisor", "auditor", "ops"]
OFFICE = {"supervisor", "auditor", "ops"}
FOR_OFFICE = {
    "cases.marketplace",
    "cases.policyversion",
    "cases.recovery",
    "mediation.blindreview",
    "mediation.deed",
    "mediation.effect",
    "notifications.contact",
    "notifications.delivery",
    "notifications.letter",
    "notifications.webhookendpoint",
}


def address(label, page, *args):
    return reverse(f"admin:{label.replace('.', '_')}_{page}", args=args)


@pytest.fixture
def scene():
    found = Scene()
    case = found.queued()
    now = database_clock()
    complaint_world.upheld(case, "notice", when=now)
    Rating.objects.create(id=uuid4(), case=case, role="buyer", score=1, rated_at=now)
    Signal.objects.create(
        id=uuid4(),
        marketplace=found.market,
        party=case.buyer,
        name="frequent_refunder",
        since=now,
        until=now,
        value=9,
        threshold=8,
        explanation={"cases": 9},
        raised_at=now,
    )
    world.recovery(case)
    endpoint = WebhookEndpoint.objects.create(
        marketplace_id=found.market.pk, url="https://shop.example/hook", secret="whsec_tell-nobody"
    )
    Contact.objects.create(
        recipient_id=case.buyer_id,
        marketplace_id=found.market.pk,
        channel="sms",
        address="+8613812345678",
    )
    dead = {"due_at": database_clock(), "dead_at": database_clock(), "attempts": 12}
    Letter.objects.create(
        case_id=case.pk,
        event_id=uuid4(),
        recipient_id=case.buyer_id,
        marketplace_id=found.market.pk,
        channel="sms",
        template="open.buyer",
        locale="en",
        **dead,
    )
    Delivery.objects.create(
        endpoint=endpoint, case_id=case.pk, event_id=uuid4(), sequence=1, body="{}", **dead
    )
    Effect.objects.filter(case=case).update(**dead)
    deeds.note(
        found.staff["supervisor"], "begin_pause", at=database_clock(), marketplace=found.market
    )
    drawn(found.staff["supervisor"], ruled(case, found.mia))
    found.case = case
    return found


def test_nothing_of_ours_is_editable_but_the_roles_and_phones_of_staff():
    editable = [
        model._meta.label
        for model, shown in admin.site._registry.items()
        if model._meta.app_label in OURS and not isinstance(shown, ReadOnly)
    ]
    assert editable == [Mediator._meta.label, SecondFactor._meta.label]


def table(label):
    model = apps.get_model(label)
    return getattr(model, "everywhere", model._default_manager)


def test_nobody_adds_changes_or_deletes(client, scene, django_user_model):
    root = django_user_model.objects.create_superuser("root")
    rows = {label: table(label).order_by("pk").values().first() for label in WINDOWS}
    counts = {label: table(label).count() for label in WINDOWS}
    for user in [scene.staff["supervisor"].user, scene.staff["ops"].user, root]:
        client.force_login(user)
        for label, row in rows.items():
            ticked = {"action": "delete_selected", "_selected_action": row["id"]}
            client.post(address(label, "changelist"), ticked)
            client.post(address(label, "change", row["id"]), {"state": "closed"})
            deleted = client.post(address(label, "delete", row["id"]), {"post": "yes"})
            added = client.post(address(label, "add"), {})
            assert (added.status_code, deleted.status_code) == (403, 403)

    assert {label: table(label).order_by("pk").values().first() for label in WINDOWS} == rows
    assert {label: table(label).count() for label in WINDOWS} == counts


@pytest.mark.parametrize("role", ROLES)
def test_who_looks_at_what(role, client, scene):
    client.force_login(scene.staff[role].user)

    seen = {
        label for label in WINDOWS if client.get(address(label, "changelist")).status_code == 200
    }

    assert seen == (set(WINDOWS) if role in OFFICE else set(WINDOWS) - FOR_OFFICE)


def test_each_row_may_be_looked_at(client, scene):
    client.force_login(scene.staff["supervisor"].user)

    pages = {
        label: client.get(address(label, "change", table(label).first().pk), follow=True)
        for label in WINDOWS
    }

    assert {page.status_code for page in pages.values()} == {200}


def test_lists_and_rows_are_chinese_on_chinese_pages(client, scene):
    client.force_login(scene.staff["supervisor"].user)
    ours = {*LISTED, "cases.case", "cases.penalty", "cases.policyversion", "cases.signal"}
    found = {}
    for label in WINDOWS:
        pages = {"changelist": []} | (
            {} if label in ours else {"change": [table(label).first().pk]}
        )
        for page, args in pages.items():
            told = client.get(address(label, page, *args), headers={"accept-language": "zh-CN"})
            if wrong := untranslated(told.content.decode()) - NAMES:
                found[label, page] = wrong

    assert found == {}


def test_rows_of_other_marketplaces_are_not_there(client, scene):
    elsewhere = world.marketplace("elsewhere")
    client.force_login(hire("stranger", "supervisor", marketplaces=[elsewhere]).user)

    for label in set(WINDOWS) - {"cases.policyversion"}:
        row = scene.market if label == "cases.marketplace" else table(label).first()
        assert client.get(address(label, "change", row.pk)).status_code in {302, 404}
        page = client.get(address(label, "changelist")).context
        listed = page[LISTED[label]] if label in LISTED else page["cl"].result_list
        assert list(listed) == ([elsewhere] if label == "cases.marketplace" else [])


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_secrets_and_addresses_are_shown_to_nobody(page, client, scene):
    client.force_login(scene.staff["supervisor"].user)
    rows = [Marketplace.objects.first(), WebhookEndpoint.objects.get(), Contact.objects.get()]

    for row in rows:
        args = [row.pk] if page == "change" else []
        text = client.get(address(row._meta.label_lower, page, *args)).content.decode()
        assert "s" * 32 not in text
        assert "tell-nobody" not in text
        assert "13812345678" not in text


@pytest.mark.parametrize("role", ROLES)
def test_dead_letters_are_sent_again_by_whom_it_concerns(role, client, scene):
    client.force_login(scene.staff[role].user)
    letter = Letter.objects.get()

    answer = client.post(reverse("admin:replay", args=["letters", letter.pk]))

    may = role in {"supervisor", "ops"}
    assert answer.status_code == (302 if may else 403)
    now = Letter.objects.get()
    assert (now.dead_at is None, now.attempts) == ((True, 0) if may else (False, 12))
    noted = Deed.objects.filter(act="replay_dead").values_list("person", "details__rows")
    me = scene.staff[role]
    assert list(noted) == ([(me.person, [str(letter.pk)])] if may else [])


@pytest.mark.parametrize(
    ("table", "model"), [("letters", Letter), ("deliveries", Delivery), ("effects", Effect)]
)
def test_a_whole_queue_is_sent_again(table, model, client, scene):
    client.force_login(scene.staff["ops"].user)
    assert model.objects.dead().count() > 0

    client.post(reverse("admin:replay_all", args=[table]))

    assert model.objects.dead().count() == 0
    noted = Deed.objects.get(act="replay_dead")
    assert (noted.role, noted.details["table"]) == ("ops", table)


def test_only_those_that_were_ticked_are_sent_again(client, scene):
    scene.queued()
    Effect.objects.update(dead_at=database_clock(), done_at=None)
    chosen = Effect.objects.dead().first()
    count = Effect.objects.dead().count()
    client.force_login(scene.staff["ops"].user)

    client.post(reverse("admin:replay_all", args=["effects"]), {"row": ["none"]})
    assert Effect.objects.dead().count() == count > 1
    client.post(reverse("admin:replay_all", args=["effects"]), {"row": ["none", str(chosen.pk)]})

    assert Effect.objects.dead().count() == count - 1
    assert Effect.objects.get(pk=chosen.pk).dead_at is None


@pytest.mark.parametrize("role", ROLES)
def test_a_dead_letter_is_put_aside_by_whom_it_concerns(role, client, scene):
    client.force_login(scene.staff[role].user)
    letter = Letter.objects.get()

    answer = client.post(reverse("admin:discard", args=["letters", letter.pk]))

    may = role in {"supervisor", "ops"}
    assert answer.status_code == (302 if may else 403)
    assert Letter.objects.dead().count() == (0 if may else 1)
    assert Letter.objects.get().dead_at is not None
    assert Deed.objects.filter(act="discard_dead").count() == int(may)


def test_recoveries_are_found_by_debtor_state_and_marketplace(client, scene):
    client.force_login(scene.staff["ops"].user)
    elsewhere = world.open_case(world.order(world.marketplace("elsewhere")))
    first, second = world.recovery(scene.case), world.recovery(elsewhere)
    owed = {"debtor": "seller", "creditor": "platform", "amount": 6_700}
    paid = {"state": "paid", "settled_at": database_clock(), "reference": "R-7"}
    Recovery.objects.filter(pk=second.pk).update(**owed, **paid)

    def found(**asked):
        page = client.get(address("cases.recovery", "changelist"), asked)
        assert reverse("admin:cases_case_change", args=[elsewhere.pk]) in page.content.decode()
        return set(page.context["cl"].result_list)

    assert found() == {first, second}
    asked = [{"debtor": "seller"}, {"state": "paid"}, {"marketplace__slug": "elsewhere"}]
    assert [found(**each) for each in [*asked, {"q": "R-7"}]] == [{second}] * 4


def found_letters(client, term):
    page = client.get(address("notifications.letter", "changelist"), {"q": term})
    return list(page.context["cl"].result_list)


def test_letters_are_found_by_an_address_as_it_is_shown_and_by_no_part_of_it(client, scene):
    client.force_login(scene.staff["ops"].user)
    letter = Letter.objects.get()
    shown = "+86 *** 5678"

    assert shown in client.get(address("notifications.letter", "changelist")).content.decode()
    for term in (shown, "+8613812345678", scene.case.number):
        assert found_letters(client, term) == [letter]
    for term in ("+86138", "+861 *** 5678", "+86 *** 345678", "5678", "*** 5678", "***", "C-0"):
        assert found_letters(client, term) == []


def test_a_letter_is_shown_without_the_addresses_in_it(client, scene):
    words = "Write to bea@shop.example or call +86 138 1234 5678; order 202601050000001234."
    Letter.objects.update(rendered=words)
    client.force_login(scene.staff["auditor"].user)

    page = client.get(address("notifications.letter", "change", Letter.objects.get().pk))

    text = page.content.decode()
    assert "Write to b***@shop.example or call ***; order ***." in text
    assert [hidden in text for hidden in ("bea@", "138 1234", "0000001234")] == [False] * 3


def test_looking_at_dead_letters_sends_nothing(client, scene):
    client.force_login(scene.staff["ops"].user)

    assert client.get(reverse("admin:dead_letters")).status_code == 200
    for name, args in [("replay_all", ["letters"]), ("replay", ["letters", uuid4()])]:
        assert client.get(reverse(f"admin:{name}", args=args)).status_code == 405
    assert Letter.objects.dead().count() == 1


def test_dead_letters_of_other_marketplaces_stay_dead(client, scene):
    stranger = hire("stranger", "ops", marketplaces=[world.marketplace("elsewhere")])
    client.force_login(stranger.user)

    client.post(reverse("admin:replay", args=["letters", Letter.objects.get().pk]))
    client.post(reverse("admin:replay_all", args=["effects"]))

    assert Letter.objects.dead().count() == 1
    assert Effect.objects.dead().count() > 0


def test_an_unknown_queue_is_not_found(client, scene):
    client.force_login(scene.staff["ops"].user)

    assert client.post(reverse("admin:replay_all", args=["cases"])).status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_log_ins_and_roles_are_a_superusers_business(role, client, scene):
    client.force_login(scene.staff[role].user)

    for label in ("auth.user", "mediation.mediator"):
        assert client.get(address(label, "changelist")).status_code == 403
        assert client.get(address(label, "add")).status_code == 403


def test_a_superuser_makes_a_member_of_staff(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root"))
    user = User.objects.create_user("mia", is_staff=True)

    answer = client.post(
        address("mediation.mediator", "add"),
        {"user": user.pk, "role": "mediator", "languages": "[]", "skills": "[]", "capacity": 3},
    )

    assert answer.status_code == 302
    assert Mediator.objects.get(user=user).capacity == 3


def test_a_list_costs_the_same_statements_for_one_row_and_for_more(client, scene):
    client.force_login(scene.staff["supervisor"].user)

    def statements():
        counts = {}
        for label in WINDOWS:
            with CaptureQueriesContext(connection) as asked:
                client.get(address(label, "changelist"))
            counts[label] = len(asked)
        return counts

    before = statements()
    world.recovery(scene.queued())
    scene.queued()

    assert statements() == before


def test_effects_that_ran_are_seen_as_done(client, scene):
    Effect.objects.dead().update(dead_at=None, attempts=0)
    while run():
        pass
    client.force_login(scene.staff["ops"].user)

    rows = client.get(address("mediation.effect", "changelist")).context["cl"].result_list

    assert all(row.done_at for row in rows)
    assert PolicyVersion.objects.count() == 1
