"""What monitoring asks: whether this process lives, is ready for requests, and how things are."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from redis import RedisError

from mediation import metrics

UNACKED = "unacked"  # kombu's hash of messages that workers hold


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Answer as long as this process answers at all; asks nobody else."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when requests can be served, else 503; each check is `ok` or `failed`."""
    checks = {name: "ok" if passes() else "failed" for name, passes in CHECKS.items()}
    return JsonResponse(checks, status=503 if "failed" in checks.values() else 200)


@require_safe
def publish(_request: HttpRequest) -> HttpResponse:
    """Publish all figures in Prometheus' text format."""
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    try:
        with metrics.broker() as redis:
            return bool(redis.ping())
    except RedisError:
        return False


def _migrations() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return False


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "broker": _broker,
    "migrations": _migrations,
}


class Figures(Collector):
    """Everything is read when it is asked for, so that each process tells the same."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for gauge in [*_queues(), *_of_the_process()]:
            family = families.setdefault(
                gauge.name, GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
            )
            family.add_metric(list(gauge.labels.values()), gauge.value)
        yield from families.values()


registry = CollectorRegistry()
registry.register(Figures())


def _queues() -> Iterator[metrics.Gauge]:
    """Tell whether the broker answers, what waits in each queue, what workers hold."""
    up, depths, held = 0, {}, 0
    try:
        with metrics.broker() as redis:
            depths = {queue: redis.llen(queue) for queue in settings.QUEUES}
            held = redis.hlen(UNACKED)
            up = 1
    except RedisError:
        pass
    yield metrics.Gauge("mediation_broker_up", "1 when the broker answers.", up)
    for queue, depth in depths.items():
        help_text = "Messages that wait in a queue."
        yield metrics.Gauge("mediation_queue_depth", help_text, depth, {"queue": queue})
    if up:
        help_text = "Messages that workers have taken and not finished."
        yield metrics.Gauge("mediation_queue_unacked", help_text, held)


def _of_the_process() -> list[metrics.Gauge]:
    try:
        return metrics.gauges()
    except (RedisError, DatabaseError):
        return []
