"""Past rulings about something alike, found by the words of the case."""

import pytest
from django.urls import reverse

from cases.models import RulingToken
from cases.wording import tokens
from mediation import docket
from tests import world
from tests.desk.situations import RULING, Scene, read, step

pytestmark = pytest.mark.django_db

BURNT = "The plug melted after an hour, smoke came out and the cable was burnt."
FADED = "Colours faded in the first wash although the label says thirty degrees."


@pytest.fixture
def scene():
    return Scene()


def ruled(scene, statement, market=None, *, published=True):
    """Make a case with a ruling of the mediator."""
    scene.market, home = market or scene.market, scene.market
    case = scene.in_review()
    amounts = {line.pk: 1_000 for line in case.order.lines.all()}
    lease = case.docket.lease
    step(case, "rule", scene.mia.actor, lease, **RULING, amounts=amounts, statement=statement)
    scene.market = home
    assert (read(case).dispute.state == "ruled") is published
    return case


def alike(client, scene, case):
    client.force_login(scene.staff["senior"].user)
    answer = client.get(reverse("admin:cases_case_change", args=[case.pk]))
    return [row.case_id for row in answer.context["alike"]]


def telling(scene, story):
    """Make a case whose buyer tells a story."""
    now = docket.database_clock()
    order = world.order(scene.market, delivered=now)
    return world.open_case(order, when=now, remedy="refund_only", statement=story)


def test_words_and_bigrams():
    assert tokens("The plug melted, the PLUG!", most=9) == ["plug", "melted"]
    assert tokens("衣服质量问题", most=9) == ["衣服", "服质", "质量", "量问", "问题"]
    assert tokens("A7 坏 USB充电器 ①", most=9) == ["坏", "usb", "充电", "电器"]
    assert tokens("one two three four five", most=2) == ["three", "four"]
    assert tokens("x" * 99, most=9) == ["x" * 40]


def test_a_ruling_about_the_same_is_found_and_another_is_not(client, scene):
    burnt = ruled(scene, BURNT)
    ruled(scene, FADED)
    case = telling(scene, "Smoke came out, the plug is burnt and the cable too.")

    assert alike(client, scene, case) == [burnt.pk]


def test_chinese_is_found_by_parts_of_words(client, scene):
    burnt = ruled(scene, "照片显示插头已烧毁，电线熔化。")
    ruled(scene, "衣服首次洗涤即严重褪色。")
    case = telling(scene, "用了一小时插头烧毁冒烟，电线也熔化了。")

    assert alike(client, scene, case) == [burnt.pk]


def test_other_marketplaces_and_the_case_itself_are_left_out(client, scene):
    ruled(scene, BURNT, world.marketplace("elsewhere"))
    own = ruled(scene, BURNT)

    assert alike(client, scene, own) == []
    assert alike(client, scene, telling(scene, BURNT)) == [own.pk]


def test_what_a_second_mediator_has_not_approved_is_no_example(client, scene):
    draft = scene.awaiting_approval()
    assert RulingToken.objects.filter(ruling__case=draft).exists()
    case = telling(scene, "So it is, the cup: cup, said, cup is what it is.")

    assert alike(client, scene, case) == []


def test_the_same_reason_comes_first(client, scene):
    other, same = ruled(scene, BURNT), ruled(scene, BURNT)
    type(other).everywhere.filter(pk=other.pk).update(reason="quality")
    case = telling(scene, BURNT)

    assert alike(client, scene, case) == [same.pk, other.pk]


def test_a_dry_run_leaves_no_tokens(client, scene):
    case = scene.in_review()
    client.force_login(scene.mia.user)
    client.post(reverse("admin:cases_case_preview", args=[case.pk, "rule"]), {"version": 1})

    assert RulingToken.objects.count() == 0
