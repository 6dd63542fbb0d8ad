"""The Celery application, its heartbeats included. Its settings are `CELERY_…` in settings.py."""

import logging
import os
from typing import Any

from celery import Celery, Task
from celery.beat import PersistentScheduler
from redis import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("mediation")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add("mediation.wake:Wake")  # by name: Django is not ready here

log = logging.getLogger(__name__)


@app.task(name="config.canary", bind=True)
def canary(self: Task) -> None:
    """Show that the worker of a queue still takes messages: a living process may not."""
    from mediation import metrics  # noqa: PLC0415 -- Django's settings are not there before

    if self.request.delivery_info:
        metrics.leave_heartbeat(str(self.request.delivery_info["routing_key"]))


class Scheduler(PersistentScheduler):
    """Celery's own, with a heartbeat. It outlives a broker that is down."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        from mediation import metrics  # noqa: PLC0415 -- Django's settings are not there before

        pause = super().tick(*args, **kwargs)
        try:
            metrics.leave_heartbeat(metrics.BEAT)
        except RedisError as error:
            log.warning("beat ticks, but the broker does not answer: %s", error)
        return pause
