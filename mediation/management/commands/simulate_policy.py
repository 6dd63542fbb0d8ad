"""`manage.py simulate_policy FILE`: what a draft would have changed for past applications."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cases import policies
from mediation import draft
from mediation.steps import database_clock


class Command(BaseCommand):
    help = "Judge the applications of the last days by a draft; nothing is stored."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="TOML; its name says whose cases are meant")
        parser.add_argument("--days", type=int, default=90, help="90 if nothing is said")

    def handle(self, *_args, file, days, **_options):
        try:
            policy = policies.parse(file.read_text(encoding="utf-8"))
        except policies.BadPolicy as bad:
            raise CommandError(f"{file}:\n{bad}") from bad
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(str(error)) from error
        found = draft.compare(policy, days=days, at=database_clock())
        self.stdout.write(f"{found.differ} of {found.applications} applications would go otherwise")
        for row in found.rows():
            told = ", ".join(f"{key} {row[key]}" for key in draft.QUESTIONS if row[key])
            self.stdout.write(f"{row['reason']}: {row['differ']} of {row['applications']} ({told})")
