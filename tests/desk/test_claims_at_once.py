"""Many mediators claim from one docket at the same time, round after round."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle

import pytest
from django.db import connection

from cases.models import Docket
from cases.refusals import Refused
from mediation import docket
from mediation.steps import database_clock
from tests import world
from tests.desk.staff import disputes, hire
from tests.sizes import size
from tests.world import at

CONNECTIONS = size(8, 16)
MEDIATORS = size(24, 100)
DISPUTES = size(36, 1000)
ROUNDS = size(2, 20)
EACH = size(1, 5)  # claims of one mediator in one round

SKILLS = ("quality", "counterfeit", "late")
LANGUAGES = ("en", "zh-hans")
SPECIALISTS: tuple[dict[str, list[str]], ...] = (  # in turn, as they are hired
    {},
    {"skills": ["quality"]},
    {"languages": ["zh-hans"]},
    {"skills": ["counterfeit", "late"], "languages": ["en"]},
)


@pytest.mark.django_db(transaction=True)
def test_each_dispute_has_one_holder_and_none_is_passed_over():
    markets = [world.marketplace("bazaar"), world.marketplace("silkroad")]
    start = database_clock()
    for market in markets:
        disputes(DISPUTES // 2, market, now=start)
    spread(start)
    mediators = [
        hire(f"m{number}", "senior" if number % 5 == 0 else "mediator", capacity=EACH, **lanes)
        for number, lanes in zip(range(MEDIATORS), cycle(SPECIALISTS), strict=False)
    ]

    for number in range(ROUNDS):
        now = start + timedelta(minutes=31 * number)  # the leases of the round before are over
        docket.return_expired(clock=at(now), limit=DISPUTES)
        assert Docket.objects.filter(waiting=True).count() == DISPUTES

        claimed = claim_at_once(mediators, now)

        assert len({case_id for _person, case_id in claimed}) == len(claimed)
        held = Docket.objects.exclude(holder="").values_list("holder", "case_id")
        assert sorted(held) == sorted(claimed)
        assert passed_over(claimed) == []
        full = {person for person, _case in claimed}
        assert {m.person for m in mediators if not m.skills and not m.languages} <= full


def spread(start):
    """Deal the disputes out to lanes, each with a rank of its own; every seventh is an appeal."""
    rows = Docket.objects.order_by("id").in_bulk()
    for number, row in enumerate(rows.values()):
        row.skill = SKILLS[number % len(SKILLS)]
        row.language = LANGUAGES[number // 3 % len(LANGUAGES)]
        row.senior = number % 7 == 0
        row.rank_at = start + timedelta(minutes=number * 7919 % 10_007)
    Docket.objects.bulk_update(rows.values(), ["skill", "language", "senior", "rank_at"])


def claim_at_once(mediators, now):
    """Let all of them claim as often as they may; give (person, case) of each claim."""

    def work(shift):
        try:
            return [(m.person, docket.claim_next(m, clock=at(now))) for m in shift]
        finally:
            connection.close()

    turns = mediators * EACH
    shifts = [turns[number::CONNECTIONS] for number in range(CONNECTIONS)]
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = [answer for done in pool.map(work, shifts) for answer in done]
    assert [answer for _person, answer in answers if isinstance(answer, Refused)] == []
    return [(person, answer.case.pk) for person, answer in answers if answer is not None]


def passed_over(claimed):
    """List what still waits although a later one of the same lane was claimed.

    Whatever was locked while somebody chose has been claimed by now: nobody was refused.
    """
    lanes = defaultdict(list)
    taken = {case_id for _person, case_id in claimed}
    for row in Docket.objects.order_by("rank_at", "id"):
        lanes[row.marketplace_id, row.language, row.skill, row.senior].append(row)
    late = []
    for rows in lanes.values():
        last = max((i for i, row in enumerate(rows) if row.case_id in taken), default=-1)
        late += [row for row in rows[: last + 1] if row.case_id not in taken]
    return late
