"""What a draft of a policy would have changed: counted, by reason, and nothing is stored."""

import pytest
from django.core.management import CommandError, call_command

from cases.models import PolicyVersion
from cases.policies import parse
from mediation import draft
from tests import world
from tests.mediation.story import Story, market
from tests.world import day

pytestmark = pytest.mark.django_db

STRICT = """\
name = "souk"
inherits = "default"
[request_window]
default = "20h"
quality = "7d"
[clocks.seller_response]
length = "48h"
on_expiry = [{reason = ["quality"], do = "approve", remedy = "refund_only"}, {do = "escalate"}]
[money]
approval_amount = {default = 9000}
"""


@pytest.mark.requirement("R14")
def test_a_draft_is_tried_on_past_applications_and_changes_nothing(tmp_path, capsys):
    souk = market()
    Story(world.order(souk))  # quality, 100.00, a day after delivery
    Story(world.order(souk, paid=5_000), reason="no_longer_wanted")
    Story(world.order(souk, paid=5_000), reason="wrong_item")
    Story()  # under another policy

    found = draft.compare(parse(STRICT), days=30, at=day(1))

    assert (found.applications, found.differ) == (3, 3)
    nothing = dict.fromkeys(draft.QUESTIONS, 0) | {"applications": 1, "differ": 1}
    assert found.rows() == [
        {"reason": "no_longer_wanted", **nothing, "answer": 1},
        {"reason": "quality", **nothing, "silence": 1, "approval": 1},
        {"reason": "wrong_item", **nothing, "answer": 1},
    ]
    same = draft.compare(parse('name = "souk"\ninherits = "default"'), days=30, at=day(1))
    assert (same.applications, same.differ) == (3, 0)
    assert draft.compare(parse(STRICT), days=30, at=day(40)).applications == 0
    assert PolicyVersion.objects.filter(name="souk").count() == 1

    file = tmp_path / "draft.toml"
    file.write_text(STRICT)
    call_command("simulate_policy", file, days=100_000 // 24)
    assert capsys.readouterr().out.splitlines()[0] == "3 of 3 applications would go otherwise"
    file.write_text("name = 1")
    with pytest.raises(CommandError, match="line 1: name: 1 is no name"):
        call_command("simulate_policy", file)
