"""How long a claim and the docket's page take with a thousand disputes waiting and with a million.

`python -m benchmarks claims`; with `QUICK=1` the many are 100,000.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from time import perf_counter

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from benchmarks import databases, fill
from benchmarks.databases import LARGE, SMALL
from benchmarks.measuring import Figure
from benchmarks.report import say
from benchmarks.sql_limit import lapse_in_sql
from cases.refusals import Refused
from mediation import docket
from mediation.models import Mediator

FEW, MANY, MANY_QUICKLY = 1_000, 1_000_000, 100_000
REPEATS = 10  # as many as there are disputes of the rare skill
BATCH = 5_000
RARE = "counterfeit"
LANES: dict[str, dict[str, list[str]]] = {
    "any": {},
    "one language": {"languages": ["zh-hans"]},
    "one skill": {"skills": ["late"]},
    "a skill that ten need": {"skills": [RARE]},
}
RARELY = """
UPDATE cases_docket SET skill = %s
WHERE id IN (SELECT id FROM cases_docket WHERE waiting ORDER BY rank_at DESC, id DESC LIMIT %s)
"""


def claims(*, quick: bool) -> None:
    """Measure both databases in turns, and tell the ratios."""
    sizes = {SMALL: FEW, LARGE: MANY_QUICKLY if quick else MANY}
    databases.create(*sizes)
    for name, n in sizes.items():
        started = perf_counter()
        databases.use(name)
        wait(n)
        say(f"{name}: {n:,} disputes wait, after {perf_counter() - started:.0f} s")
    found: dict[tuple[str, str], list[float]] = {}
    for _repeat in range(REPEATS):
        for name in sizes:
            databases.use(name)
            for what, job in jobs().items():
                found.setdefault((what, name), []).append(timed(job))
    for what in jobs():
        few, many = (Figure(values=tuple(found[what, name])) for name in sizes)
        ratio = many.median / few.median
        took = f"{few.median:.1f} ms with {FEW:,}, {many.median:.1f} ms with {sizes[LARGE]:,}"
        say(f"{what}: {took}: x {ratio:.2f}")


def wait(n: int) -> None:
    """Let so many disputes wait in four lanes, ten of them in a fifth, with a mediator for each."""
    fill.fill(n, first_due=datetime.now(UTC) - timedelta(hours=1), step=timedelta(microseconds=1))
    databases.fresh()
    while lapse_in_sql(limit=BATCH):
        pass
    with connection.cursor() as cursor:
        cursor.execute(RARELY, [RARE, REPEATS])
    for what, lanes in LANES.items():
        user = get_user_model().objects.create_user(what, is_staff=True)
        Mediator.objects.create(
            user=user, role="mediator", everywhere=True, capacity=1_000, **lanes
        )
        TOTPDevice.objects.create(user=user, name="phone")
    fill.vacuum()


def jobs() -> dict[str, Callable[[], object]]:
    """Name what is measured, in the database that is in use."""
    mediators = {
        what: Mediator.objects.select_related("user").get(user__username=what) for what in LANES
    }
    found: dict[str, Callable[[], object]] = {
        f"claim, {what}": partial(docket.claim_next, mediator)
        for what, mediator in mediators.items()
    }
    return found | {"the docket's page": partial(look, browser(mediators["any"]))}


def browser(mediator: Mediator) -> Client:
    """Log in, second factor included."""
    client = Client(headers={"host": "localhost"})
    client.force_login(mediator.user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=mediator.user).persistent_id
    session.save()
    return client


def look(client: Client) -> bytes | None:
    """Read the page; None: it was not shown."""
    answer = client.get(reverse("admin:cases_docket_changelist"))
    return answer.content if answer.status_code == HTTPStatus.OK else None


def timed(job: Callable[[], object]) -> float:
    """Tell how many milliseconds it took.

    :raises RuntimeError: nothing was claimed or shown
    """
    start = perf_counter()
    if (answer := job()) is None or isinstance(answer, Refused):
        raise RuntimeError(f"nothing was claimed or shown: {answer}")
    return (perf_counter() - start) * 1_000
