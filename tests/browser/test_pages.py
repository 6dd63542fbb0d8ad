"""The desk as people see it, in both languages: pictures to look at, and no foreign host."""

import pytest

from tests.browser import scene
from tests.browser.conftest import foreign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LANGUAGES = ["en", "zh-hans"]


@pytest.fixture
def case():
    return scene.build()


@pytest.mark.parametrize("language", LANGUAGES)
def test_docket_and_case_page_load_from_here_alone(case, language, log_in, live_server, picture):
    page, requests, errors = log_in("mia", language)
    picture(page, f"docket-{language}")
    page.click("text=" + case.number) if page.get_by_text(case.number).count() else page.goto(
        f"/admin/cases/case/{case.pk}/change/"
    )
    page.wait_for_selector("text=" + case.number)
    picture(page, f"case-{language}")
    page.set_viewport_size({"width": 1440, "height": 3400})
    picture(page, f"case-{language}-whole")

    assert foreign(requests, live_server) == []
    assert errors == []
