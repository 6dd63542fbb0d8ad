"""The pages of who looks after the whole: dashboard, policies, clocks, blind reviews."""

from datetime import timedelta

import pytest

from cases.models import Case, Clock, Ruling
from mediation import docket, pauses, shift_plans
from mediation.models import Mediator
from mediation.oversight import calibration, reviews
from mediation.steps import database_clock
from tests import world
from tests.browser import scene
from tests.browser.scene import WORDS
from tests.desk.situations import RULING, step
from tests.desk.staff import calibrating, drawn, hire

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 1024, "height": 768}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PAGES = {
    "dashboard": "/admin/mediation/blindreview/dashboard/",
    "clocks": "/admin/cases/clock/overview/",
    "policies": "/admin/cases/policyversion/",
    "reviews": "/admin/mediation/blindreview/mine/",
    "calibrations": "/admin/mediation/blindreview/calibrations/",
    "deeds": "/admin/mediation/deed/",
    "shifts": "/admin/cases/docket/shifts/",
    "letters": "/admin/notifications/letter/",
    "dead-letters": "/admin/mediation/effect/dead/",
}
LISTS = (
    *("cases/case", "cases/event", "cases/clock", "cases/order", "cases/party", "cases/signal"),
    *("cases/marketplace", "mediation/effect", "mediation/blindreview", "notifications/contact"),
    "cases/recovery",
)
BAD = 'name = "default"\ninherits = "defalt"\ncolour = "blue"\n\n[limits]\nedits = -1\n'


def build(language):
    """A busy day, with rulings, a pause, and a case that cannot move."""
    scene.build(language)
    now = database_clock()
    ivy, mia = hire("ivy"), hire("ida")
    waiting = Case.everywhere.filter(docket__waiting=True).order_by("docket__rank_at")
    for number, case in enumerate(list(waiting[:3])):
        lease = docket.claim(ivy, case.pk).case.facts.docket.lease
        told = {**RULING, "amounts": {}, "remedy": "none", "statement": "So it is."}
        step(case, "rule", ivy.actor, lease=lease, **told)
        ruling = Ruling.objects.get(case=case)
        if number:
            granted = {"remedy": "none", "amount": 0, "fault": {"seller": 100}}
            drawn(mia, ruling, reviewer=mia, at=now, **granted)
    told = WORDS["said"][language]["before"]
    review = calibration.take(mia, calibrating(ivy, ruling, reasons=told), at=now)
    fault = {"seller": 60, "buyer": 40}
    decided = {"remedy": "refund_only", "amount": 5_000, "fault": fault, "reasons": told}
    reviews.write(review, mia, at=now, **decided)
    pauses.begin(
        world.Marketplace.objects.get(slug="silkroad"),
        region="CN-SC",
        reason={"en": "Flood", "zh-hans": "洪水"}[language],
        by=ivy.person,
        until=now + timedelta(days=4),
    )
    parked = Clock.objects.filter(next_at__isnull=False).first()
    Clock.objects.filter(pk=parked.pk).update(parked=3, next_at=now + timedelta(hours=1))
    reviews.draw(mia, 10, at=now)
    world.recovery(Case.everywhere.first())
    hours = {"starts": "22:00", "ends": "06:00", "time_zone": "Asia/Shanghai"}
    hours |= {"valid_from": now.date(), "valid_until": None}
    shift_plans.add(Mediator.objects.get(role="supervisor"), ivy, range(5), hours=hours, at=now)


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh-hans", False), ("en", True)])
def test_the_pages_of_the_whole(language, dark, log_in, picture):
    build(language)
    page = log_in("sol", language, dark=dark)
    name = f"{language}-dark" if dark else language

    for which, address in PAGES.items():
        page.goto(address)
        picture(page, f"{which}-{name}")
        assert not page.evaluate(WIDE), which
    for which in LISTS:
        page.goto(f"/admin/{which}/")
    page.goto(PAGES["dashboard"])
    page.set_viewport_size({"width": 1440, "height": 2400})
    picture(page, f"dashboard-{name}-whole")
    page.set_viewport_size(TABLET)
    for which, address in PAGES.items():
        page.goto(address)
        picture(page, f"{which}-{name}-tablet")
        assert not page.evaluate(WIDE), which


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_policy_is_checked_compared_scheduled_and_cancelled(language, log_in, picture):
    world.marketplace()
    hire("sol", "supervisor")
    page = log_in("sol", language)
    page.goto("/admin/cases/policyversion/new/")
    page.fill("textarea[name=source]", BAD)
    page.click("button[value=check]")
    picture(page, f"policy-mistakes-{language}")
    assert page.locator("td.late").count() == 3

    source = world.POLICIES.joinpath("default.toml").read_text()
    quick = source.replace('length = "48h"', 'length = "24h"', 1).replace("edits = 3", "edits = 4")
    page.fill("textarea[name=source]", quick)
    page.fill("input[name=effective_from]", "2099-01-01T00:00")
    page.click("button[value=check]")
    page.click("details.act > summary")
    picture(page, f"policy-difference-{language}")
    page.fill("input[name=effective_from]", "2099-01-01T00:00")
    page.click("button[value=schedule]")
    page.wait_for_selector(".pill.calm")
    picture(page, f"policy-scheduled-{language}")
    page.click("details.sure > summary")
    page.click("details.sure button")
    page.wait_for_selector(".pill.bad")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_ruling_is_reviewed_blind(language, log_in, picture):
    build(language)
    page = log_in("max", language)
    page.goto(PAGES["reviews"])
    page.click("form.bar button.strong")
    page.wait_for_selector("fieldset.fault")
    picture(page, f"blind-review-{language}")
    page.select_option("select[name=remedy]", "none")
    page.fill("input[name=fault_seller]", "100")
    page.fill("textarea[name=reasons]", "The photo shows nothing.")
    page.click("form.body button.strong")
    page.wait_for_selector("form.bar")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_calibration_case_is_picked_decided_and_compared(language, log_in, picture):
    case = scene.build(language)
    lease, sue = case.docket.lease, Mediator.objects.get(role="senior")
    words = WORDS["said"][language]
    nothing = {**RULING, "amounts": {}, "remedy": "none", "rule": words["rule"]}
    nothing |= {"statement": words["before"]}
    step(case, "rule", Mediator.objects.get(user__username="mia").actor, lease=lease, **nothing)
    step(case, "appeal", world.actor(case, "buyer"), statement=words["story"])
    lease = docket.claim(sue, case.pk).case.facts.docket.lease
    step(case, "rule", sue.actor, lease=lease, **nothing)
    page = log_in("sol", language)
    page.set_viewport_size(TABLET)
    page.goto("/admin/cases/docket/shifts/")
    page.click("details.act > summary")
    picture(page, f"shifts-form-{language}")
    page.goto(f"/admin/cases/case/{case.pk}/change/")
    picture(page, f"case-ended-{language}")
    page.click(".bar a[href*=calibrations]")
    page.wait_for_selector("fieldset.fault")
    picture(page, f"calibration-pick-{language}")
    page.click("form[method=post] button.strong")
    page.wait_for_selector("form[action*=close]")

    page = log_in("max", language)
    page.goto(PAGES["calibrations"])
    page.click("table form button.strong")
    page.wait_for_selector("fieldset.fault")
    page.select_option("select[name=remedy]", "refund_only")
    page.fill("input[name=amount]", "10.00")
    page.fill("input[name=fault_seller]", "100")
    page.fill("textarea[name=reasons]", words["before"])
    page.click("form.body button.strong")
    page.wait_for_selector(".pill.bad")
    picture(page, f"calibration-compared-{language}")
