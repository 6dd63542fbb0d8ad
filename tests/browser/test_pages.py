"""The desk as people see it, in both languages: pictures to look at, and no foreign host."""

import pytest

from tests.browser import scene
from tests.browser.conftest import foreign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TALL = {"width": 1440, "height": 2600}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_docket_and_case_page_load_from_here_alone(language, log_in, live_server, picture):
    case = scene.build(language)
    page, requests, errors = log_in("mia", language)
    picture(page, f"docket-{language}")
    page.goto("/admin/cases/docket/?tab=mine")
    page.click(f"text={case.number}")
    page.wait_for_selector("[data-countdown]")
    picture(page, f"case-{language}")
    page.set_viewport_size(TALL)
    picture(page, f"case-{language}-whole")
    page.click("details[name=rule] > summary")
    page.wait_for_selector("details[name=rule] .preview .total")
    page.click("details[name=ask_evidence] > summary")
    picture(page, f"case-{language}-forms")

    assert foreign(requests, live_server) == []
    assert errors == []


def test_the_desk_is_dark_for_who_likes_it_dark(log_in, picture):
    case = scene.build()
    page, _requests, errors = log_in("mia", dark=True)
    picture(page, "docket-dark")
    page.goto(f"/admin/cases/case/{case.pk}/change/")
    picture(page, "case-dark")

    assert page.evaluate("document.documentElement.classList.contains('dark')")
    assert errors == []


def test_the_language_is_switched_on_the_page(log_in):
    scene.build()
    page, _requests, errors = log_in("mia")
    assert page.inner_text("h1") == "Docket"

    page.click("text=Mia")
    page.click("form:has(input[value=zh-hans]) button")

    page.wait_for_selector("h1:has-text('待审队列')")
    assert errors == []


def test_a_dispute_is_claimed_ruled_and_the_outcome_is_seen(log_in, picture):
    scene.build()
    page, _requests, errors = log_in("mia")
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
    assert errors == []


def test_dead_letters_for_operations(log_in, picture):
    scene.build()
    page, _requests, errors = log_in("sol")
    page.goto("/admin/mediation/effect/dead/")
    picture(page, "dead-letters")
    page.goto("/admin/cases/case/")
    picture(page, "cases")
    page.goto("/admin/cases/event/")
    picture(page, "events")

    assert errors == []
