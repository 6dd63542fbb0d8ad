"""Addresses of servers, as URLs, turned into what Django and Celery want."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from environs import ValidationError
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict


def database(url: str) -> dict[str, Any]:
    """Read `postgresql://user:password@host:port/name?option=value` as Django's settings.

    :param url: anything libpq reads as a URL; `?host=/folder` names a socket's folder
    :raises ValidationError: it is no such URL, or it names no database
    """
    try:
        parts = conninfo_to_dict(url) if url.startswith(("postgresql://", "postgres://")) else {}
    except ProgrammingError as error:
        raise ValidationError(f"not a PostgreSQL URL: {error}".strip()) from None
    if not parts.get("dbname"):
        raise ValidationError("wanted: postgresql://user:password@host:port/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "OPTIONS": parts,
    }


def redis(url: str) -> str:
    """Check the address of Redis or Valkey: `redis://`, `rediss://` or `unix:///path?db=0`.

    :raises ValidationError: it is none of these
    """
    parts = urlsplit(url)
    if not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise ValidationError("wanted: redis://host:port/0, rediss://… or unix:///path?db=0")
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ValidationError(f"wanted redis, rediss or unix, not {parts.scheme}")
    return url


def broker(url: str) -> str:
    """Say the same address in the words of kombu, which calls a unix socket `redis+socket`."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"


def numbered(url: str, number: int) -> str:
    """Name another database of the same Redis."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.netloc}{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


def mail(url: str) -> dict[str, Any]:
    """Read `smtp://user:password@host:587/?tls=true`, or `console:`, as Django's settings.

    `smtp` without `tls` is plain, `smtps` speaks TLS from the first byte.

    :raises ValidationError: it is neither
    """
    backend = "django.core.mail.backends."
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "notifications.channels.mail_console.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValidationError("wanted: smtp://user:password@host:587/?tls=true or console:")
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": backend + "smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": parse_qs(parts.query).get("tls") == ["true"],
        "EMAIL_TIMEOUT": 20,  # seconds
    }


def running_stack(path: Path) -> dict[str, Any]:
    """Read what `make up` left for the commands of another terminal; nothing when it is down."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, PermissionError):
        return {}
