"""The post office as a Django app."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    """The app; it starts only with a table of texts without a mistake."""

    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self):
        """Read the texts once, so that a mistake stops the start and not a letter."""
        from notifications import texts  # noqa: PLC0415 -- not before the settings are there

        try:
            texts.table()
        except texts.BadTexts as mistakes:
            raise ImproperlyConfigured(f"notifications/letters:\n{mistakes}") from None
