"""How long claims and pages of the desk take with few disputes waiting and with a million.

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
from benchmarks.report import Report, say
from benchmarks.sql_limit import lapse_in_sql
from cases.models import Docket
from cases.refusals import Refused
from mediation import docket
from mediation.models import Mediator

MEDIUM = "bench_medium"
SIZES = {SMALL: 1_000, MEDIUM: 10_000, LARGE: 1_000_000}
MANY_QUICKLY = 100_000
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


# What is measured → its key, the smaller database that it is compared with, and the aim.
COMPARED = {
    "claim, any": ("claim_1k", SMALL, "≤ 10"),
    "claim, one language": ("claim_language_1k", SMALL, "≤ 10"),
    "claim, one skill": ("claim_skill_1k", SMALL, "≤ 10"),
    "claim, a skill that ten need": ("claim_rare_1k", SMALL, "≤ 10"),
    "docket's page": ("docket_page_10k", MEDIUM, "≤ 1.5"),
    "case page": ("case_page_10k", MEDIUM, "≤ 1.5"),
}
Found = dict[tuple[str, str], list[float]]  # what, in which database → milliseconds


def claims(report: Report, *, quick: bool) -> None:
    """Measure all databases in turns, and tell the ratios."""
    sizes = SIZES | ({LARGE: MANY_QUICKLY} if quick else {})
    databases.create(*sizes)
    jobs = {name: prepared(name, n) for name, n in sizes.items()}
    found: Found = {}
    for _repeat in range(REPEATS):
        for name in sizes:
            databases.use(name)
            for what, job in jobs[name].items():
                found.setdefault((what, name), []).append(timed(what, job))
    tell(report, found, sizes, "_100k" if quick else "_1m")
    databases.drop(*sizes)


def tell(report: Report, found: Found, sizes: dict[str, int], ending: str) -> None:
    """Compare medians: single milliseconds have their outliers."""
    many = sizes[LARGE]
    for what, (key, fewer, aim) in COMPARED.items():
        of_few, of_many = (Figure(values=tuple(found[what, name])) for name in (fewer, LARGE))
        few = sizes[fewer]
        report.add(f"{what}, {few:,} waiting", of_few, unit=" ms")
        report.add(f"{what}, {many:,} waiting", of_many, unit=" ms")
        ratio = Figure(values=(of_many.median / of_few.median,))
        report.add(f"{what}, {many:,} : {few:,}", ratio, key=key + ending, aim=aim)


def prepared(name: str, n: int) -> dict[str, Callable[[], object]]:
    """Let n disputes wait in a database; give what is measured there."""
    started = perf_counter()
    databases.use(name)
    wait(n)
    say(f"{name}: {n:,} disputes wait, after {perf_counter() - started:.0f} s")
    return desk()


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


def desk() -> dict[str, Callable[[], object]]:
    """Name what is measured, in the database that is in use; each case is looked at once."""
    mediators = {
        what: Mediator.objects.select_related("user").get(user__username=what) for what in LANES
    }
    client = browser(mediators["any"])
    waiting = Docket.objects.filter(waiting=True).order_by("-rank_at", "-id")
    cases = iter(waiting.values_list("case_id", flat=True)[REPEATS : 2 * REPEATS])
    found: dict[str, Callable[[], object]] = {
        f"claim, {what}": partial(docket.claim_next, mediator)
        for what, mediator in mediators.items()
    }
    pages: dict[str, Callable[[], object]] = {
        "docket's page": lambda: look(client, reverse("admin:cases_docket_changelist")),
        "case page": lambda: look(client, reverse("admin:cases_case_change", args=[next(cases)])),
    }
    return found | pages


def browser(mediator: Mediator) -> Client:
    """Log in, second factor included."""
    client = Client(headers={"host": "localhost"})
    client.force_login(mediator.user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=mediator.user).persistent_id
    session.save()
    return client


def look(client: Client, page: str) -> bytes | None:
    """Read a page; None: it was not shown."""
    answer = client.get(page)
    return answer.content if answer.status_code == HTTPStatus.OK else None


def timed(what: str, job: Callable[[], object]) -> float:
    """Tell how many milliseconds it took.

    :raises RuntimeError: nothing was claimed or shown
    """
    start = perf_counter()
    if (answer := job()) is None or isinstance(answer, Refused):
        raise RuntimeError(f"{what}: nothing was claimed or shown: {answer}")
    return (perf_counter() - start) * 1_000
