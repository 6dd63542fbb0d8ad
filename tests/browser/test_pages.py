"""The desk as people see it, in both languages, sizes and colours: pictures to look at."""

import pytest
from django.urls import reverse

from tests.browser import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"desktop": {"width": 1440, "height": 900}, "tablet": {"width": 1024, "height": 768}}
RULE = "details[name=rule]"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_docket_case_and_decision_fit_every_size_in_light_and_dark(language, log_in, picture):
    case = scene.build(language)
    page = log_in("mia", language)
    for colour in ("light", "dark"):
        page.emulate_media(color_scheme=colour)
        for name, size in SIZES.items():
            label = f"{language}-{colour}-{name}"
            page.set_viewport_size(size)
            page.goto("/admin/cases/docket/")
            picture(page, f"docket-{label}")
            page.goto(f"/admin/cases/case/{case.pk}/change/")
            assert page.evaluate("document.documentElement.classList.contains('dark')") == (
                colour == "dark"
            )
            picture(page, f"case-{label}")
            page.click(f"{RULE} > summary")
            page.wait_for_selector(f"{RULE} .preview .total")
            page.locator(f"{RULE} .preview").scroll_into_view_if_needed()
            picture(page, f"decision-{label}")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_dashboard_fits_every_size_in_light_and_dark(language, log_in, picture):
    scene.build(language)
    page = log_in("sol", language)
    for colour in ("light", "dark"):
        page.emulate_media(color_scheme=colour)
        for name, size in SIZES.items():
            page.set_viewport_size(size)
            page.goto(reverse("admin:dashboard"))
            picture(page, f"dashboard-{language}-{colour}-{name}")


def test_the_language_is_switched_on_the_page(log_in):
    scene.build()
    page = log_in("mia")
    assert page.inner_text("h1") == "Docket"

    page.click("text=Mia")
    page.click("form:has(input[value=zh-hans]) button")

    page.wait_for_selector("h1:has-text('待审队列')")


def test_a_dispute_is_claimed_ruled_and_the_outcome_is_seen(log_in, picture):
    scene.build()
    page = log_in("mia")
    page.click("text=Claim next")
    page.wait_for_selector("text=The dispute is yours.")
    picture(page, "claimed")

    page.click("details[name=rule] > summary")
    page.select_option("details[name=rule] select[name=remedy]", "refund_only")
    page.fill("details[name=rule] input[name=rule]", "Safety of goods, article 4")
    page.check("details[name=rule] input[name=evidence]")
    page.fill("details[name=rule] textarea", "The photo shows a burnt plug.")
    page.click("details[name=rule] .send .strong")
    page.wait_for_selector("text=Done: Rule")
    picture(page, "ruled")

    assert page.locator(".bar .pill").all_inner_texts() == [
        "In mediation",
        "Ruled, may be appealed",
    ]


def test_dead_letters_for_operations(log_in, picture):
    scene.build()
    page = log_in("sol")
    page.goto("/admin/mediation/effect/dead/")
    picture(page, "dead-letters")
    page.goto("/admin/cases/case/")
    picture(page, "cases")
    page.goto("/admin/cases/event/")
    picture(page, "events")
