"""Before an act is sent: what it would lead to, told by the writer's own dry run."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import Clock, Event, Evidence, Ruling
from cases.money import show
from mediation import docket
from mediation.desk.terms_forms import NO_EVIDENCE
from tests import world
from tests.desk.situations import Scene, all_of, read, step
from tests.desk.staff import hire
from tests.desk.test_acts import ACTS, TRIES, make, post, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene()


def try_out(act, case, data, who, *, script=True):
    client = Client()
    client.force_login(who.user)
    headers = {"x-requested-with": "fetch"} if script else {}
    address = reverse("admin:cases_case_preview", args=[case.pk, act])
    return client.post(address, data, headers=headers)


def seen(act, case, data, who):
    """Read the preview that the page of somebody without a script shows."""
    return try_out(act, case, data, who, script=False).context["preview"]


def amount_of(data):
    return next(key for key in data if key.startswith("amount_"))


@pytest.mark.parametrize("act", ACTS)
def test_each_act_tells_where_it_leads_and_changes_nothing(act, scene):
    case, who = make(scene, act), scene.staff[TRIES[act].by]
    before, events = all_of(case), Event.objects.count()

    shown = seen(act, case, sent(scene, act, case), who)

    assert (shown.refused, shown.incomplete) == ("", False)
    assert (shown.after[0], shown.after[1] or None) == TRIES[act].becomes
    assert (all_of(case), Event.objects.count()) == (before, events)


def test_more_time_shows_the_new_end_of_the_clock_and_who_hears_of_it(scene):
    case = scene.waiting_for_the_seller()
    due = Clock.objects.get(case=case, name="seller_response").due_at

    shown = seen("give_extension", case, sent(scene, "give_extension", case), scene.mia)

    assert [(c.name, c.how, c.due_at - due) for c in shown.clocks] == [
        ("seller_response", "goes_on", timedelta(hours=24))
    ]
    assert [(letter.role, letter.subject) for letter in shown.letters] == [
        ("buyer", "There is more time"),
        ("seller", "There is more time"),
    ]


def test_a_ruling_shows_its_money_clocks_and_letters(scene):
    case = scene.in_review()

    shown = seen("rule", case, sent(scene, "rule", case), scene.mia)

    assert [(line.title, line.asked, line.given) for line in shown.lines] == [
        ("Cup", 10_000, 10_000)
    ]
    assert (shown.total, shown.needs_approval) == (10_000, False)
    assert [(row.name, row.party, row.how) for row in shown.clocks] == [
        ("appeal", "buyer", "starts"),
        ("appeal", "seller", "starts"),
        ("ruling", "", "ends"),
    ]
    assert [row.role for row in shown.letters] == ["buyer", "seller"]
    assert [(row.kind, row.amount) for row in shown.payments] == [("refund", 10_000)]
    assert [row.sentence for row in shown.coming.events][:2] == ["The time to appeal passed."] * 2
    assert Ruling.objects.count() == 0


def test_a_ruling_above_the_policys_amount_is_told_to_need_a_second_mediator(scene):
    now = docket.database_clock()
    order = world.order(scene.market, paid=50_000_000, delivered=now)
    case = world.open_case(order, when=now, remedy="refund_only")
    step(case, "refuse", world.actor(case, "seller"), reason="outside_window", statement="No.")
    step(case, "escalate", world.actor(case, "buyer"))
    docket.claim(scene.mia, case.pk)
    case = read(case)

    shown = seen("rule", case, sent(scene, "rule", case), scene.mia)

    assert (shown.needs_approval, shown.after) == (True, ("in_mediation", "awaiting_approval"))


def test_words_still_to_be_typed_do_not_hide_the_rest(scene):
    case = scene.in_review()
    data = sent(scene, "rule", case) | {"statement": "", "rule": ""}

    answer = try_out("rule", case, data, scene.mia).json()

    assert answer["errors"] == {}
    assert "CNY 100.00" in answer["html"]
    assert post("rule", case, data, scene.mia).status_code == 422


def test_mistakes_are_told_at_their_fields(scene):
    case = scene.in_review()
    data = sent(scene, "rule", case)
    name = amount_of(data)

    typo = try_out("rule", case, data | {name: "1,0"}, scene.mia).json()
    too_high = try_out("rule", case, data | {name: "100.01"}, scene.mia).json()

    assert typo["errors"] == {name: ["Write the amount with plain digits, such as 19.90."]}
    assert too_high["errors"] == {name: ["At most CNY 100.00."]}
    assert "More than can be given back." in too_high["html"]


def test_who_has_no_script_gets_the_whole_page_and_keeps_what_was_typed(scene):
    case = scene.in_review()
    data = sent(scene, "rule", case) | {"statement": "Half a sent"}

    answer = try_out("rule", case, data, scene.mia, script=False)

    assert answer.status_code == 200
    assert answer.context["acts"]["rule"]["statement"].value() == "Half a sent"
    assert answer.context["opened_act"] == "rule"
    assert "CNY 100.00" in answer.content.decode()


@pytest.mark.parametrize("act", ["rule", "approve_ruling", "take_over", "settle_by_hand"])
def test_other_roles_and_strangers_try_nothing_out(act, scene):
    case = make(scene, act)
    data = sent(scene, act, case)
    stranger = hire("stan", TRIES[act].roles[0], marketplaces=[world.marketplace("elsewhere")])
    others = {"mediator", "senior", "supervisor", "auditor", "ops"} - set(TRIES[act].roles)

    answers = {try_out(act, case, data, scene.staff[role]).status_code for role in others}

    assert answers == {403}
    assert try_out(act, case, data, stranger).status_code == 404
    client = Client()
    client.force_login(scene.staff[TRIES[act].by].user)
    address = reverse("admin:cases_case_preview", args=[case.pk, act])
    assert client.get(address).status_code == 405


def test_without_the_lease_the_preview_says_so(scene):
    case = scene.in_review()

    shown = seen("rule", case, sent(scene, "rule", case) | {"lease": ""}, scene.mia)

    assert shown.refused == "Your lease of this dispute has ended or belongs to somebody else."


# What the forms ask for besides


def test_a_share_of_the_ladder_stands_for_the_amount(scene):
    case = scene.in_review()
    data = sent(scene, "rule", case)
    share = amount_of(data).replace("amount_", "share_")

    shown = seen("rule", case, data | {share: "30"}, scene.mia)

    assert [line.given for line in shown.lines] == [3_000]


def test_a_remedy_that_refunds_nothing_drops_the_amounts(scene):
    case = scene.in_review()

    shown = seen("rule", case, sent(scene, "rule", case) | {"remedy": "none"}, scene.mia)

    assert (shown.refused, shown.total, shown.payments) == ("", 0, [])


def test_a_compensation_may_be_given_as_a_coupon(scene):
    case = scene.in_review()
    given = {"remedy": "compensation", "compensation": "5.00", "medium": "coupon"}

    post("rule", case, sent(scene, "rule", case) | given, scene.mia)

    page = Client()
    page.force_login(scene.mia.user)
    [ruling] = page.get(reverse("admin:cases_case_change", args=[case.pk])).context["rulings"]
    assert (ruling.content["medium"], ruling.content["compensation"]) == ("coupon", 500)


def test_a_ruling_names_the_evidence_or_says_that_it_was_none(scene):
    case = scene.in_review()
    [kept] = [
        Evidence.objects.create(
            id=world.new_id(world.day(0)),
            case=case,
            event_id=case.events.earliest("sequence").pk,
            role="buyer",
            slot="photo_goods",
            handed_in_at=world.day(0),
        )
    ]
    data = sent(scene, "rule", case)

    silent = post("rule", case, data, scene.mia)
    both = post("rule", case, data | {"evidence": [str(kept.pk), NO_EVIDENCE]}, scene.mia)

    assert (silent.status_code, both.status_code) == (422, 422)
    assert list(silent.context["acts"]["rule"].errors) == ["evidence"]
    assert post("rule", case, data | {"evidence": [NO_EVIDENCE]}, scene.mia).status_code == 302


def test_a_text_that_was_chosen_is_the_statement_if_nothing_is_typed(scene):
    case = scene.in_review()
    data = sent(scene, "rule", case) | {"statement": "", "reply": "silent.zh"}

    post("rule", case, data, scene.mia)

    said = case.statements.get(role="mediator").text
    assert said == "卖家未在规定时间内答复。买家陈述合理，且无相反证据。"


def test_what_is_typed_wins_over_the_text_that_was_chosen(scene):
    case = scene.in_review()
    data = sent(scene, "rule", case) | {"reply": "silent.en"}

    post("rule", case, data, scene.mia)

    assert case.statements.get(role="mediator").text == "So it is."


def test_each_side_gets_the_time_that_the_mediator_gives(scene):
    case = scene.in_review()
    data = sent(scene, "ask_evidence", case) | {"seller": ["chat"], "hours": "72"}

    post("ask_evidence", case, data, scene.mia)

    lengths = Clock.objects.filter(case=case, name="evidence").values_list("party", "length")
    assert sorted(lengths) == [("buyer", "72h"), ("seller", "72h")]


def test_without_a_choice_the_policys_time_holds(scene):
    case = scene.in_review()

    post("ask_evidence", case, sent(scene, "ask_evidence", case), scene.mia)

    assert Clock.objects.get(case=case, name="evidence").length == "48h"


def test_the_amount_that_is_offered_first_is_what_was_asked(scene):
    case = scene.in_review()
    client = Client()
    client.force_login(scene.mia.user)

    form = client.get(reverse("admin:cases_case_change", args=[case.pk])).context["acts"]["rule"]

    item = case.attempts.get().items.get()
    assert form[f"amount_{item.line_id}"].value() == show(item.amount, case.currency)
