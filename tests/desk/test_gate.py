"""The gate of the desk: raw POSTs to every address by everybody who must not, and all tables after.

What is registered decides what is tried: a new page or act without a rule here fails.
"""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import URLResolver, reverse

from cases.models import Clock, Pause
from mediation import docket
from mediation.desk.forms import FORMS
from mediation.models import Shift
from mediation.steps import database_clock
from notifications.models import Letter
from tests import world
from tests.desk.situations import Scene, all_of, read
from tests.desk.staff import hire
from tests.desk.test_acts import TRIES, make, sent

pytestmark = pytest.mark.django_db

JUDGES = frozenset({"mediator", "senior"})
STAFF = JUDGES | {"supervisor"}
SUPERVISOR = frozenset({"supervisor"})
REPAIRS = SUPERVISOR | {"ops"}
EVERYBODY = STAFF | {"auditor", "ops"}
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """Who may send something to an address, and what would be sent."""

    roles: frozenset = NOBODY  # empty: a page to look at
    data: object = lambda _place: {}
    args: object = lambda _place: []


@dataclass
class Place:
    """What the addresses are about: a case that is waiting, one under review, a dead letter."""

    waiting: object
    held: object
    letter: object
    mia: object
    pause: object
    shift: object


HOURS = {"weekdays": [0], "starts": "09:00", "ends": "17:00", "time_zone": "UTC"}
# Every address of ours beside those that each table has in Django's admin.
RULES = {
    "cases_case_act": Rule(),  # each act by itself, below
    "cases_case_write": Rule(
        STAFF, lambda _: {"audience": "all", "text": "Hello."}, lambda p: [p.held.pk]
    ),
    "cases_case_stay": Rule(
        JUDGES, lambda p: {"lease": p.held.docket.lease}, lambda p: [p.held.pk]
    ),
    "cases_case_try_message": Rule(STAFF, lambda _: {"audience": "all"}, lambda p: [p.held.pk]),
    "cases_case_preview": Rule(args=lambda p: [p.held.pk, "release"]),  # a dry run
    "cases_case_file": Rule(args=lambda p: [p.held.pk, uuid4(), "content"]),
    "cases_case_export": Rule(args=lambda p: [p.held.pk]),
    "claim_next": Rule(JUDGES),
    "own_shift": Rule(JUDGES, lambda _: {"on_shift": "no"}),
    "shift": Rule(frozenset({"supervisor"}), lambda _: {"on_shift": "no"}, lambda p: [p.mia.pk]),
    "assign_many": Rule(
        SUPERVISOR,
        lambda p: {"mediator": p.mia.pk, "chosen": f"{p.waiting.pk}~{p.waiting.version}"},
    ),
    "roster": Rule(),
    "shift_plan": Rule(),
    "add_shifts": Rule(SUPERVISOR, lambda p: HOURS | {"mediator": p.mia.pk}),
    "drop_shift": Rule(SUPERVISOR, args=lambda p: [p.shift.pk]),
    "dead_letters": Rule(),
    "replay_all": Rule(REPAIRS, args=lambda _: ["letters"]),
    "replay": Rule(REPAIRS, args=lambda p: ["letters", p.letter.pk]),
    "discard": Rule(REPAIRS, args=lambda p: ["letters", p.letter.pk]),
    "clock_overview": Rule(),
    "begin_pause": Rule(
        REPAIRS,
        lambda p: {"marketplace": p.held.marketplace_id, "region": "north", "reason": "Storm."},
    ),
    "lift_pause": Rule(REPAIRS, args=lambda p: [p.pause.pk]),
    "retry_parked_all": Rule(REPAIRS),
    "retry_parked": Rule(REPAIRS, args=lambda p: [p.waiting.pk]),
    "new_policy": Rule(SUPERVISOR, lambda _: {"source": "name = 'x'", "do": "schedule"}),
    "cancel_policy": Rule(SUPERVISOR, args=lambda p: [p.held.policy_id]),
    "dashboard": Rule(),
    "dashboard_csv": Rule(args=lambda _: ["rulings"]),
    "draw_reviews": Rule(SUPERVISOR, lambda _: {"number": 1}),
    "blind_reviews": Rule(JUDGES),
    "blind_review": Rule(JUDGES, args=lambda _: [uuid4()]),
    "blind_review_file": Rule(args=lambda _: [uuid4(), uuid4(), "content"]),
    "give_review_back": Rule(JUDGES, args=lambda _: [uuid4()]),
    "calibrations": Rule(),
    "pick_calibration": Rule(SUPERVISOR, args=lambda p: [p.held.pk]),
    "take_calibration": Rule(JUDGES, args=lambda _: [uuid4()]),
    "close_calibration": Rule(SUPERVISOR, args=lambda _: [uuid4()]),
    "claim_next_complaint": Rule(JUDGES),
    "cases_complaint_act": Rule(STAFF, args=lambda _: [uuid4(), "claim"]),  # by roles: there
    "cases_complaint_file": Rule(args=lambda _: [uuid4(), uuid4(), "content"]),
    "lift_penalty": Rule(SUPERVISOR, lambda _: {"statement": "Lift."}, lambda _: [uuid4()]),
    "complain_of": Rule(STAFF, lambda _: {"statement": "Look."}, lambda _: [uuid4()]),
    "looked_at": Rule(STAFF, args=lambda _: [uuid4()]),
    "recovery_codes": Rule(EVERYBODY),  # one's own; behind the second factor
}
# Addresses that are open before the second factor, or that change nothing but the log-in.
OPEN = {"second_factor", "leave"}
DJANGOS = {
    *("index", "login", "logout", "password_change", "password_change_done", "autocomplete"),
    *("jsi18n", "view_on_site", "app_list", "search", "auth_user_password_change"),
}
OF_A_TABLE = ("changelist", "add", "history", "delete", "change")


def names(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        elif pattern.name is not None:
            yield pattern.name


def tables():
    return [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]


def everything():
    """Take a fingerprint of every table but those of log-ins: name → hash of all rows."""
    sql = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} AS t"  # noqa: S608
        for table in connection.introspection.table_names()
        if table != "django_session"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return dict(cursor.fetchall())


def browser(who, *, second_factor=True):
    client = Client()
    if second_factor:
        client.force_login(who.user)
    else:
        assert client.login(username=who.user.username, password="secret")
    return client


def refused(answer):
    """A redirect to the log-in, or one of the refusals; never a page as if all were well."""
    asked = answer.status_code == 302 and answer.url.split("?")[0] == reverse("admin:login")
    return asked or answer.status_code in {403, 404, 405, 409, 422}


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def place(scene):
    held, waiting = scene.in_review(), scene.queued()
    dead = {"due_at": database_clock(), "dead_at": database_clock(), "attempts": 12}
    letter = Letter.objects.create(
        case_id=held.pk,
        event_id=uuid4(),
        recipient_id=held.buyer_id,
        marketplace_id=scene.market.pk,
        channel="sms",
        template="open.buyer",
        locale="en",
        **dead,
    )
    pause = Pause.objects.create(
        id=uuid4(),
        marketplace=scene.market,
        region="south",
        reason="Flood.",
        began_at=database_clock(),
        began_by=scene.staff["ops"].person,
    )
    Clock.objects.filter(case=waiting).update(parked=1)
    hours = {name: HOURS[name] for name in ("starts", "ends", "time_zone")}
    shift = Shift.objects.create(id=uuid4(), mediator=scene.mia, weekday=1, **hours)
    return Place(waiting, held, letter, scene.mia, pause, shift)


def test_every_address_has_a_rule():
    registered = set(names(admin.site.get_urls()))
    of_tables = {f"{table}_{page}" for table in tables() for page in OF_A_TABLE}

    assert registered - of_tables - DJANGOS - OPEN == RULES.keys()
    assert set(TRIES) == set(FORMS)


def test_what_is_not_for_a_role_is_refused_and_changes_nothing(scene, place):
    elsewhere = [world.marketplace("elsewhere")]
    people = {role: scene.staff[role] for role in EVERYBODY}
    strangers = {role: hire(f"far-{role}", role, marketplaces=elsewhere) for role in EVERYBODY}
    unshown = {role: browser(who, second_factor=False) for role, who in people.items()}
    shown = {role: browser(who) for role, who in people.items()}
    far = {role: browser(who) for role, who in strangers.items()}
    nobody = Client()
    before, let_through = everything(), []

    for name, rule in RULES.items():
        if name == "cases_case_act":
            continue
        address = reverse(f"admin:{name}", args=rule.args(place))
        tried = {("nobody", ""): nobody}
        tried |= {(role, "without second factor"): client for role, client in unshown.items()}
        tried |= {(role, ""): client for role, client in shown.items() if role not in rule.roles}
        if rule.args(place) and name != "replay_all":
            tried |= {(role, "elsewhere"): client for role, client in far.items()}
        for (role, how), client in tried.items():
            answer = client.post(address, rule.data(place))
            quiet = name in {"replay", "discard"} and how == "elsewhere"  # finds nothing there
            page = not rule.roles and not how and role != "nobody" and answer.status_code == 200
            if not (refused(answer) or quiet or page):
                let_through.append((name, role, how, answer.status_code))

    assert let_through == []
    assert everything() == before


@pytest.mark.parametrize("act", sorted(FORMS))
def test_an_act_by_whom_it_is_not_for_is_refused_and_changes_nothing(act, scene):
    case, asked = make(scene, act), TRIES[act]
    data, by = sent(scene, act, case), browser(scene.staff[asked.by])
    far = hire("far", asked.roles[0], marketplaces=[world.marketplace("elsewhere")])
    tried = {
        "nobody": (302, Client(), data),
        "elsewhere": (404, browser(far), data),
        "stale version": (409, by, data | {"version": case.version - 1}),
        "no version": (422, by, data | {"version": ""}),
    }
    for role in EVERYBODY:
        alone = browser(scene.staff[role], second_factor=False)
        tried[f"{role} by password"] = (302, alone, data)
        if role not in asked.roles:
            tried[role] = (403, browser(scene.staff[role]), data)
    if asked.leased:
        tried["stale lease"] = (409, by, data | {"lease": str(uuid4())})
        tried["no lease"] = (409, by, data | {"lease": ""})
        tried["somebody else's lease"] = (409, browser(scene.staff["second"]), data)
    address = reverse("admin:cases_case_act", args=[case.pk, act])
    before = everything()

    answers = {how: client.post(address, given) for how, (_code, client, given) in tried.items()}

    told = {how: answer.status_code for how, answer in answers.items()}
    assert told == {how: code for how, (code, _client, _given) in tried.items()}
    assert everything() == before


def test_no_table_is_changed_by_staff(scene, place):
    clients = {role: browser(scene.staff[role]) for role in EVERYBODY}
    keys = {
        table: next(iter(model._base_manager.values_list("pk", flat=True)[:1]), uuid4())
        for table, model in zip(tables(), admin.site._registry, strict=True)
    }
    before, let_through = everything(), []

    for table, key in keys.items():
        pages = {"changelist": [], "add": [], "delete": [key], "change": [key]}
        ticked = {"action": "delete_selected", "_selected_action": key, "post": "yes"}
        for page, args in pages.items():
            for client in clients.values():
                answer = client.post(reverse(f"admin:{table}_{page}", args=args), ticked)
                if page in {"add", "delete"} and not refused(answer):
                    let_through.append((table, page, answer.status_code))

    assert let_through == []
    assert everything() == before


def test_the_own_ruling_is_not_approved_and_nothing_changes(scene):
    case = scene.awaiting_approval()
    data, before = sent(scene, "approve_ruling", case), all_of(case)
    address = reverse("admin:cases_case_act", args=[case.pk, "approve_ruling"])
    mia = browser(scene.mia)
    whole = everything()

    answers = [mia.post(address, data), mia.post(address, data | {"sha256": "0" * 64})]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all_of(case) == before
    assert everything() == whole


def test_amounts_split_over_two_cases_are_approved_by_a_second_mediator(scene):
    """Each alone stays below the amount of the policy (CNY 2,000); together they do not."""
    now = database_clock()
    order = world.order(scene.market, lines=2, paid=150_000, delivered=now)
    mia, states = browser(scene.mia), []
    for line in order.lines.order_by("ref"):
        asked = [{"line": line.pk, "quantity": 1, "amount": None}]
        case = world.open_case(order, when=now, remedy="refund_only", items=asked)
        supervisor = scene.staff["supervisor"]
        world.do(case, "refuse", "seller", when=now, reason="outside_window", statement="No.")
        world.do(case, "escalate", "buyer", when=now)
        docket.assign(supervisor, case.pk, scene.mia)
        case = read(case)
        data = sent(scene, "rule", case)
        mia.post(reverse("admin:cases_case_act", args=[case.pk, "rule"]), data)
        states.append(str(read(case).dispute.state))

    assert states == ["ruled", "awaiting_approval"]


def test_an_auditor_sees_all_and_changes_nothing(scene, place):
    ada = browser(scene.staff["auditor"])
    pages = [reverse(f"admin:{table}_changelist") for table in tables()]
    own = {"auth_user", "mediation_mediator", "mediation_secondfactor"}
    hidden = [reverse(f"admin:{table}_changelist") for table in own]
    case = reverse("admin:cases_case_change", args=[place.held.pk])
    before = everything()

    seen = {page: ada.get(page).status_code for page in [*pages, case, reverse("admin:roster")]}

    assert {page for page, status in seen.items() if status != 200} == set(hidden)
    assert ada.get(case).context["acts"] == {}
    assert everything() == before


def test_who_has_left_is_out_at_once(scene, place):
    mia = browser(scene.mia)
    get_user_model().objects.filter(pk=scene.mia.user.pk).update(is_active=False)
    before = everything()

    assert refused(mia.post(reverse("admin:claim_next")))
    assert everything() == before
