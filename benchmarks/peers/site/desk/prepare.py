"""`python -m desk.prepare`: migrate, make an agent with a token, and a queue; print both."""

import json
import sys

import django


def prepare() -> dict[str, str | int]:
    """Bring an empty database up to date."""
    django.setup()
    from django.apps import apps  # noqa: PLC0415 -- after django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- the same

    call_command("migrate", verbosity=0)
    call_command("loaddata", "emailtemplate.json", verbosity=0)
    user = apps.get_model("auth", "User").objects.create_superuser("agent")
    token = apps.get_model("authtoken", "Token").objects.create(user=user)
    queue = apps.get_model("helpdesk", "Queue").objects.create(title="Returns", slug="returns")
    return {"token": token.key, "queue": queue.pk}


if __name__ == "__main__":
    json.dump(prepare(), sys.stdout)
