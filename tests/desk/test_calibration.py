"""Calibration cases: picked by a supervisor, decided blind by others, compared with one ruling."""

import pytest
from django.urls import reverse

from cases.models import Ruling
from mediation import docket
from mediation.models import BlindReview, Calibration, Deed
from mediation.oversight import calibration, reviews
from mediation.oversight.calibration import Agreement, Deviation
from mediation.steps import database_clock
from tests import world
from tests.desk.situations import RULING, Scene, all_of, read, step
from tests.desk.staff import hire
from tests.desk.wording import untranslated

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:calibrations")
WHY, APPEAL = "Whoever sells it shows that it is whole.", "The first ruling was wrong."
NOTHING = {"remedy": "none", "amount": "", "reasons": WHY}
EXPECTED = {
    "remedy": "refund_only",
    "amount": "60.00",
    "fault_buyer": 0,
    "fault_seller": 100,
    "fault_platform": 0,
    "fault_carrier": 0,
    "reasons": WHY,
}
NEARLY = {**EXPECTED, "amount": "54.00", "fault_buyer": 10, "fault_seller": 90, "reasons": "So."}
OTHERWISE = {**EXPECTED, "remedy": "none", "amount": "", "fault_buyer": 100, "fault_seller": 0}


def pick_page(case):
    return reverse("admin:pick_calibration", args=[case.pk])


def as_(client, who, address, data=None):
    """Look at a page as somebody, or send something."""
    client.force_login(who.user)
    return client.get(address) if data is None else client.post(address, data)


def takes(client, who, row):
    return as_(client, who, reverse("admin:take_calibration", args=[row.pk]), {})


@pytest.fixture
def scene():
    """A case that mia decided and sue once more, on appeal: for the seller, and it has ended."""
    found = Scene()
    case, sue = found.in_review(), found.staff["senior"]
    nothing = {**RULING, "remedy": "none", "amounts": {}, "fault": {"buyer": 100}}
    lease = case.docket.lease
    step(case, "rule", found.mia.actor, lease=lease, **nothing, statement="Nothing is shown.")
    step(case, "appeal", world.actor(case, "buyer"), statement=APPEAL)
    docket.claim(sue, case.pk)
    lease = read(case).docket.lease
    step(case, "rule", sue.actor, lease=lease, **nothing, statement="Nothing was shown to me.")
    found.case, found.sol, found.max = read(case), found.staff["supervisor"], found.staff["second"]
    return found


def picked(client, scene):
    assert as_(client, scene.sol, pick_page(scene.case), EXPECTED).status_code == 302
    return Calibration.objects.get()


def decides(client, who, row, told):
    page = takes(client, who, row).url
    return as_(client, who, page, told)


@pytest.mark.requirement("M02")
def test_a_case_is_decided_blind_by_others_and_each_sees_how_far_off_it_was(client, scene):
    moe = hire("moe")
    row, before = picked(client, scene), [*all_of(scene.case), *Ruling.objects.values()]
    shown = client.get(takes(client, scene.max, row).url).content.decode()
    shown += client.get(PAGE).content.decode()
    hidden = [WHY, APPEAL, "Nothing is shown", "Sue", scene.case.number, str(scene.case.pk)]
    assert ("It does not fit." in shown, [each for each in hidden if each in shown]) == (True, [])

    decides(client, scene.max, row, NEARLY)
    decides(client, moe, row, OTHERWISE)

    assert [*all_of(scene.case), *Ruling.objects.values()] == before
    [[review, _name, off]] = as_(client, scene.max, PAGE).context["mine"]
    assert (review.reviewer, off.agrees) == (scene.max.person, True)
    assert WHY in as_(client, moe, PAGE).content.decode()
    page = as_(client, scene.sol, PAGE)
    assert [(name, row.cases, row.agreed) for name, row in page.context["people"]] == [
        ("Moe", 1, 0),
        ("Max", 1, 1),
    ]
    told = client.get(PAGE, headers={"accept-language": "zh-CN"}).content.decode()
    assert untranslated(told.replace(WHY, "").replace("So.", "")) - {"moe"} == set()


def test_who_has_decided_the_case_or_picked_it_and_who_has_answered_is_not_asked(client, scene):
    row = picked(client, scene)
    sue = scene.staff["senior"]

    assert [takes(client, who, row).status_code for who in (scene.mia, sue)] == [404, 404]
    decides(client, scene.max, row, NEARLY)
    assert takes(client, scene.max, row).status_code == 404
    assert BlindReview.objects.count() == 1
    assert reviews.draw(scene.sol, 10, at=database_clock()) == []  # its reasons are known now


def test_who_gives_it_back_is_offered_it_until_it_is_closed(client, scene):
    row = picked(client, scene)
    page = takes(client, scene.max, row).url
    assert takes(client, scene.max, row).url == page
    assert reviews.take_next(scene.max, at=database_clock()) is None  # none was drawn by chance

    as_(client, scene.max, f"{page}back/", {})
    assert BlindReview.objects.count() == 0
    assert list(calibration.open_to(scene.max)) == [row]
    as_(client, scene.sol, reverse("admin:close_calibration", args=[row.pk]), {})

    assert takes(client, scene.max, row).status_code == 404
    acts = ["pick_calibration", "close_calibration"]
    assert list(Deed.objects.order_by("at").values_list("act", flat=True)) == acts


def test_the_final_ruling_is_what_is_expected_unless_somebody_says_otherwise(client, scene):
    link = pick_page(scene.case)
    case_page = reverse("admin:cases_case_change", args=[scene.case.pk])
    assert link in as_(client, scene.sol, case_page).content.decode()
    assert link not in as_(client, scene.max, case_page).content.decode()
    shown = as_(client, scene.sol, link).context["form"]
    told = (shown["remedy"].value(), shown["fault_buyer"].value(), shown["reasons"].value())
    assert told == ("none", 100, "Nothing was shown to me.")
    assert as_(client, scene.sol, link, {**EXPECTED, "fault_buyer": 1}).status_code == 422

    picked(client, scene)
    again = client.post(link, OTHERWISE, follow=True)

    assert [str(told) for told in again.context["messages"]][-1:] == [
        "This is a calibration case already."
    ]
    assert Calibration.objects.get().amount == 6_000


def test_a_case_that_goes_on_is_not_picked(client, scene):
    other = scene.queued()

    assert as_(client, scene.sol, pick_page(other)).status_code == 404
    assert as_(client, scene.sol, pick_page(other), EXPECTED).status_code == 404
    assert Calibration.objects.count() == 0


def off(remedy, amount, **fault):
    row = Calibration(remedy="refund_only", amount=6_000, fault={"seller": 80, "carrier": 20})
    return BlindReview(reviewer="7", remedy=remedy, amount=amount, fault=fault, calibration=row)


def test_decisions_are_compared_by_remedy_amount_and_fault():
    same = off("refund_only", 6_600, seller=70, carrier=30)
    little = off("refund_only", 6_000, buyer=30, seller=70)
    other = off("none", 0, buyer=100)

    assert [calibration.deviation(each) for each in (same, little, other)] == [
        Deviation(remedy=True, amount=600, percent=9, fault=10),
        Deviation(remedy=True, amount=0, percent=0, fault=30),
        Deviation(remedy=False, amount=-6_000, percent=100, fault=100),
    ]
    assert [calibration.deviation(each).agrees for each in (same, little)] == [True, False]
    assert calibration.agreement([same, little, other]) == [
        Agreement(person="7", cases=3, agreed=1, remedy=2, percent=36, fault=47)
    ]


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_costs_the_same_statements_for_any_number(
    people, client, scene, django_assert_num_queries
):
    row = picked(client, scene)
    for number in range(people):
        decides(client, hire(f"m{number}"), row, NEARLY)
    client.force_login(scene.sol.user)

    with django_assert_num_queries(7):  # log-in, four; cases, decisions, names
        client.get(PAGE)
