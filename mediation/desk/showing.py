"""How money, moments and lengths of time are written, in the reader's language."""

from datetime import UTC, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from notifications import rendering

MINUTE, HOUR, DAY = 60, 3600, 86_400


def money(minor: int, currency: str) -> str:
    """Write an amount: `CNY 1,234.50`; in Chinese `1234.50元`."""
    return rendering.money(minor, currency, _language())


def moment(at: datetime) -> str:
    """Write a moment in UTC: `6 Mar, 08:00`; in Chinese `3月6日08:00`."""
    return date_format(at.astimezone(UTC), _("j M, H:i"))


def day(at: datetime) -> str:
    """Write a moment in UTC with its year: `6 Mar 2026, 08:00`; in Chinese `2026年3月6日08:00`."""
    return date_format(at.astimezone(UTC), _("j M Y, H:i"))


def span(length: timedelta) -> str:
    """Write a length of time by its two largest parts: `3 d 4 h`, whatever its sign."""
    seconds = abs(int(length.total_seconds()))
    days, hours = seconds // DAY, seconds % DAY // HOUR
    minutes = seconds % HOUR // MINUTE
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(seconds)d s") % {"seconds": seconds}


def _language():
    return "zh-hans" if (get_language() or "en").startswith("zh") else "en"
