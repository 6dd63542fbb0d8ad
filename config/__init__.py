"""Settings, URLs, Celery and the one-command stack: the wiring that imports everything."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
