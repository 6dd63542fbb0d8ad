"""Brings the database up to date: `python -m config.stack.prepare` prints what the stack tells.

Migrations, demo data and development tokens, in one process, as Django takes a second to start.
Demo data and tokens come from the commands `demo` and `issue_token`; `DEMO=0` leaves them out.
"""

import io
import json
import os
import sys
from typing import Any

import django
from django.core.management import call_command, get_commands

ROLES = ("buyer", "seller", "service")


def prepare() -> dict[str, Any]:
    """Migrate, load the demo, issue a token per role."""
    django.setup()
    commands = set(get_commands())
    if os.environ.get("DEMO") == "0":
        commands -= {"demo", "demo_code", "issue_token", "sandbox"}
    call_command("migrate", interactive=False, stdout=sys.stderr, verbosity=1)
    return {
        "said": _output("demo") if "demo" in commands else "",
        "watch": "watch" in commands,
        "play": "demo" in commands,
        "tokens": _tokens(commands),
        "staff": json.loads(_output("demo_code")) if "demo_code" in commands else {},
    }


def _tokens(commands: set[str]) -> dict[str, Any]:
    """Issue one per role in the demo's marketplace, and the same in a sandbox."""
    if "issue_token" not in commands:
        return {}
    sandbox = json.loads(_output("sandbox")) if "sandbox" in commands else None
    return {role: _output("issue_token", role=role) for role in ROLES} | {"sandbox": sandbox}


def _output(command: str, **options: str) -> str:
    printed = io.StringIO()
    call_command(command, stdout=printed, **options)
    return printed.getvalue().strip()


if __name__ == "__main__":
    sys.stdout.write(json.dumps(prepare()))
