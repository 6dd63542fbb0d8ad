"""The page of a case in use: preview while typing, the viewer, keys."""

import pytest

from tests.browser import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULE = "details[name=rule]"


def test_the_preview_follows_what_is_typed_and_tells_mistakes_at_their_fields(log_in):
    case = scene.build()
    page = log_in("mia")
    page.goto(f"/admin/cases/case/{case.pk}/change/")
    page.click(f"{RULE} > summary")
    page.wait_for_selector(f"{RULE} .total:has-text('CNY 1,280.00')")

    page.fill(f"{RULE} input[name^=amount_]", "100.50")
    page.wait_for_selector(f"{RULE} .total:has-text('CNY 100.50')")
    page.fill(f"{RULE} input[name^=amount_]", "1,0")
    page.wait_for_selector(f"{RULE} [data-field^=amount_] .errors")
    page.select_option(f"{RULE} select[name^=share_]", "50")
    page.fill(f"{RULE} input[name^=amount_]", "")
    page.wait_for_selector(f"{RULE} .total:has-text('CNY 640.00')")

    assert page.locator(f"{RULE} .errors").count() == 0
    assert case.rulings.count() == 0


def test_a_text_is_put_where_words_are_typed(log_in):
    case = scene.build()
    page = log_in("mia")
    page.goto(f"/admin/cases/case/{case.pk}/change/")
    page.click(f"{RULE} > summary")

    page.select_option(f"{RULE} select[name=reply]", "silent.en")

    written = page.input_value(f"{RULE} textarea")
    assert written.startswith("The seller did not answer within its time.")


def test_evidence_is_enlarged_turned_and_compared(log_in, picture):
    case = scene.build()
    page = log_in("mia")
    page.goto(f"/admin/cases/case/{case.pk}/change/")

    page.click("a[data-view=image] >> nth=0")
    page.select_option("#viewer select[data-pane='1']", "1")
    page.wait_for_selector("#viewer .pane >> nth=1")
    page.click("#viewer [data-tool=in] >> nth=0")
    page.click("#viewer [data-tool=turn] >> nth=0")
    picture(page, "viewer")
    moved = page.evaluate("document.querySelector('#viewer img').style.transform")
    paper = page.locator("#viewer select[data-pane='1'] option", has_text="chat.pdf")
    page.select_option("#viewer select[data-pane='1']", paper.get_attribute("value"))
    page.wait_for_selector("#viewer iframe")
    page.wait_for_timeout(500)
    picture(page, "viewer-paper")
    page.click("#viewer [data-close]")

    assert moved == "translate(0px, 0px) rotate(90deg) scale(1.4)"
    assert page.locator("#viewer .pane").count() == 0


def test_keys_claim_and_decide(log_in):
    scene.build()
    page = log_in("mia")
    page.goto("/admin/cases/docket/")

    page.keyboard.press("c")
    page.wait_for_selector("text=The dispute is yours.")
    page.keyboard.press("?")
    page.wait_for_selector("#keys[open]")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    page.wait_for_selector(f"{RULE}[open] .preview .total")
    page.keyboard.press("Escape")
    page.keyboard.press("q")
    page.wait_for_url("**/docket/**")


def test_from_the_docket_to_a_sent_ruling_in_few_clicks_and_two_typed_fields(log_in):
    scene.build()
    page = log_in("mia")
    clicks, typed = [], []

    def click(target):
        clicks.append(target)
        page.click(target)

    def fill(target, words):
        typed.append(target)
        page.fill(target, words)

    click("text=Claim next")
    page.wait_for_selector("text=The dispute is yours.")
    click(f"{RULE} > summary")
    click(f"{RULE} input[name=evidence] >> nth=0")
    fill(f"{RULE} input[name=rule]", "Safety of goods, article 4")
    fill(f"{RULE} textarea", "The photo shows a burnt plug.")
    click(f"{RULE} .send .strong")
    page.wait_for_selector("text=Done: Rule")

    assert len(clicks) <= 6
    assert len(typed) <= 2
