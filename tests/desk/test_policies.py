"""Policies at the desk: every mistake by its line, what a version changes, when it begins."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override

from cases.models import Case, Marketplace, PolicyVersion
from cases.models.policy import cancel, in_force, pinned, publish
from cases.policies import BadPolicy, parse
from mediation.desk import policy_words
from mediation.models import Deed
from mediation.steps import database_clock
from tests import world
from tests.cases.test_bad_policies import BAD, MISTAKES, small
from tests.desk.situations import Scene
from tests.desk.staff import hire

pytestmark = pytest.mark.django_db

NEW = reverse("admin:new_policy")
ROLES = ["mediator", "senior", "supervisor", "auditor", "ops"]
OFFICE = {"supervisor", "auditor", "ops"}


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def quick():
    """The default policy with a shorter time for the seller."""
    source = world.POLICIES.joinpath("default.toml").read_text()
    return source.replace('length = "48h"', 'length = "24h"', 1)


def to_come(**more):
    return (database_clock() + timedelta(**more or {"days": 3})).strftime("%Y-%m-%dT%H:%M")


def send(client, source, do="check", **more):
    return client.post(NEW, {"source": source, "do": do, **more})


def scheduled(client, source, **more):
    client.post(NEW, {"source": source, "do": "schedule", "effective_from": to_come(**more)})
    return PolicyVersion.objects.latest("version")


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_policies_and_who_schedules_them(role, client, scene, quick):
    client.force_login(scene.staff[role].user)
    [version] = PolicyVersion.objects.all()

    listed = client.get(reverse("admin:cases_policyversion_changelist"))
    shown = client.get(reverse("admin:cases_policyversion_change", args=[version.pk]))
    form = client.get(NEW)
    sent = send(client, quick, "schedule", effective_from=to_come())

    seen = 200 if role in OFFICE else 403
    assert (listed.status_code, shown.status_code) == (seen, seen)
    may = role == "supervisor"
    assert (form.status_code, sent.status_code) == ((200, 302) if may else (403, 403))
    assert PolicyVersion.objects.count() == (2 if may else 1)


def test_a_bad_file_is_shown_with_every_mistake_at_its_line(client, scene):
    client.force_login(scene.staff["supervisor"].user)

    answer = send(client, BAD, "schedule", effective_from=to_come())

    told = [(line, message) for line, message, _there in answer.context["checked"].mistakes]
    assert (answer.status_code, told) == (422, MISTAKES)
    assert answer.context["checked"].mistakes[2] == (4, MISTAKES[2][1], 'calendar = "XX"')
    assert PolicyVersion.objects.count() == 1
    assert "Mars/Olympus" in answer.context["form"]["source"].value()


def test_no_sentence_of_the_parser_is_left_in_english():
    with pytest.raises(BadPolicy) as refused:
        parse(BAD)
    found = refused.value.mistakes
    others = [
        'name = "x"\ntime_zone = ',
        "#" * 200_001,
        'name = "a"\ninherits = "defalt"',
        'name = "default"\ninherits = "default"',
        'name = "short"',
        small("clocks = 1", "title = {en = ''}", 'clocks.ruling.length = "99999wd"'),
        small("extra_holidays = [2026-03-03]\nextra_working_days = [2026-03-03]"),
        small("clocks.dispatch.on_expiry = [{do = 'escalate'}, {do = 'out_of_stock'}]"),
        small("clocks.seller_response.on_expiry = [{do = 'escalate', remedy = 'reship'}]"),
        small("clocks.dispatch.tag = 'S'", "demo = 2", "title = {x_ = 'a'}"),
        small("clocks.dispatch.length = '9999d'", "limits = 3"),
    ]
    for source in others:
        with pytest.raises(BadPolicy) as refused:
            parse(source)
        found += refused.value.mistakes

    assert list(policy_words.untold(found)) == []
    with override("zh-hans"):
        told = [policy_words.said(mistake) for mistake in found]
    assert [said for said in told if not re.search(r"[\u4e00-\u9fff]", said)] == []


def test_checking_shows_what_would_change_and_stores_nothing(client, scene, quick):
    client.force_login(scene.staff["supervisor"].user)

    answer = send(client, quick)

    checked = answer.context["checked"]
    [(section, [change])] = checked.sections
    assert (section, change.key) == ("clocks.seller_response", "length")
    assert (change.before, change.after) == (("48h", "U"), ("24h", "U"))
    signs = [(sign, line) for sign, line in checked.text if sign in {"+", "-"}]
    assert signs == [("-", 'length = "48h"'), ("+", 'length = "24h"')]
    assert (answer.status_code, PolicyVersion.objects.count(), Deed.objects.count()) == (200, 1, 0)


def test_a_file_takes_the_place_of_what_is_typed(client, scene, quick):
    client.force_login(scene.staff["supervisor"].user)
    file = SimpleUploadedFile("policy.toml", quick.replace("\n", "\r\n").encode())

    answer = client.post(NEW, {"source": "x = ", "file": file, "do": "check"})

    assert answer.context["checked"].source == quick
    assert answer.context["form"]["source"].value() == quick


@pytest.mark.parametrize("sent", [{"source": " "}, {"file": b"\xff\xfe\x00"}])
def test_what_is_no_text_is_refused(sent, client, scene):
    client.force_login(scene.staff["supervisor"].user)
    if "file" in sent:
        sent = {"file": SimpleUploadedFile("policy.toml", sent["file"])}

    answer = client.post(NEW, {**sent, "do": "schedule", "effective_from": to_come()})

    assert (answer.status_code, PolicyVersion.objects.count()) == (422, 1)


def test_a_scheduled_version_holds_for_cases_opened_after_its_beginning(client, scene, quick):
    sol = scene.staff["supervisor"]
    client.force_login(sol.user)
    old = scene.opened()

    version = scheduled(client, quick)

    assert (version.version, version.source) == (2, quick)
    start = version.effective_from
    soon = [in_force("default", start + timedelta(seconds=s)).version for s in (-1, 0)]
    assert soon == [1, 2]
    assert str(pinned(version.pk).length("seller_response")) == "24h"
    assert Case.everywhere.get(pk=old.pk).policy.version == 1
    deed = Deed.objects.get()
    told = (deed.act, deed.person, deed.role, deed.details["version"], deed.details["number"])
    assert told == ("schedule_policy", sol.person, "supervisor", str(version.pk), 2)


@pytest.mark.parametrize("when", ["", "2001-01-01T00:00", "next week"])
def test_a_version_begins_in_the_future(when, client, scene, quick):
    client.force_login(scene.staff["supervisor"].user)

    answer = send(client, quick, "schedule", effective_from=when)

    assert (answer.status_code, PolicyVersion.objects.count(), Deed.objects.count()) == (422, 1, 0)
    assert "effective_from" in answer.context["form"].errors


def test_what_holds_already_or_begins_too_early_is_not_scheduled(client, scene, quick):
    client.force_login(scene.staff["supervisor"].user)
    running = PolicyVersion.objects.get().source
    scheduled(client, quick)

    again = send(client, quick, "schedule", effective_from=to_come(days=9))
    before = send(client, running, "schedule", effective_from=to_come(days=1))

    assert (again.status_code, before.status_code) == (422, 422)
    assert PolicyVersion.objects.count() == 2


def test_a_scheduled_version_is_cancelled_before_it_begins(client, scene, quick):
    client.force_login(scene.staff["supervisor"].user)
    version = scheduled(client, quick)

    client.post(reverse("admin:cancel_policy", args=[version.pk]))
    client.post(reverse("admin:cancel_policy", args=[version.pk]))

    assert in_force("default", version.effective_from + timedelta(days=1)).version == 1
    assert Deed.objects.filter(act="cancel_policy").count() == 1
    page = client.get(reverse("admin:cases_policyversion_change", args=[version.pk]))
    assert (page.context["state"], page.context["may_cancel"]) == ("cancelled", False)
    later = scheduled(client, quick)  # the same text at the same moment, once more
    assert (later.version, later.cancelled_at) == (3, None)


def test_what_has_begun_stays():
    at = datetime(2026, 3, 2, tzinfo=UTC)
    world.policy(effective_from=at)
    version = PolicyVersion.objects.get()

    for moment in (at, at + timedelta(days=1), at - timedelta(seconds=60)):
        assert cancel(version, at=moment) is False
    assert cancel(version, at=at - timedelta(seconds=61)) is True


@pytest.mark.parametrize("role", ["mediator", "senior", "auditor", "ops"])
def test_nobody_else_cancels(role, client, scene, quick):
    version = publish(
        quick, effective_from=database_clock() + timedelta(days=3), at=database_clock()
    )
    client.force_login(scene.staff[role].user)

    answer = client.post(reverse("admin:cancel_policy", args=[version.pk]))

    assert answer.status_code == 403
    assert PolicyVersion.objects.get(pk=version.pk).cancelled_at is None


def test_a_supervisor_of_some_marketplaces_does_not_touch_what_others_live_by(client, scene, quick):
    elsewhere = world.marketplace("elsewhere")
    stranger = hire("stranger", "supervisor", marketplaces=[elsewhere])
    client.force_login(stranger.user)

    refused = send(client, quick, "schedule", effective_from=to_come())
    Marketplace.objects.filter(pk=elsewhere.pk).update(policy_name="own")
    own = send(client, small().replace("small", "own"), "schedule", effective_from=to_come())
    unknown = send(client, small(), "schedule", effective_from=to_come())

    assert [a.status_code for a in (refused, own, unknown)] == [403, 302, 403]
    assert sorted(PolicyVersion.objects.values_list("name", flat=True)) == ["default", "own"]


def test_the_list_shows_how_each_version_stands(client, scene, quick):
    client.force_login(scene.staff["supervisor"].user)
    client.post(reverse("admin:cancel_policy", args=[scheduled(client, quick).pk]))
    scheduled(client, quick, days=5)
    client.force_login(scene.staff["auditor"].user)

    [policy] = client.get(reverse("admin:cases_policyversion_changelist")).context["policies"]

    told = [(row.version, state) for row, state in policy["rows"]]
    assert told == [(3, "scheduled"), (2, "cancelled"), (1, "in_force")]
    assert (policy["name"], policy["users"]) == ("default", ["Bazaar"])
