"""`manage.py demo`: the demo marketplace, its people and orders. Safe to run again and again."""

from django.core.management.base import BaseCommand

from mediation import steps
from mediation.desk.people import demo_key, demo_password, demo_staff
from mediation.desk.second_factor import secret
from mediation.simulation import demo


class Command(BaseCommand):
    help = "Make the demo marketplace with its people and orders, and tell the log-ins."

    def handle(self, *_args, **_options):
        at = steps.database_clock()
        market = demo.marketplace(at)
        demo.stock(market, at)
        for log_in in log_ins():
            self.stdout.write(log_in)


def log_ins() -> list[str]:
    """Make the demo's staff and tell how they log in."""
    password = demo_password()
    staff = demo_staff(password)
    width = max(len(name) for name in staff)
    roles = [f"  {name:{width}}  {member.get_role_display()}" for name, member in staff.items()]
    return [
        f"admin log-ins, all with the password {password}:",
        *roles,
        "their second factor: .venv/bin/python manage.py demo_code mia",
        f"  or an authenticator app with the secret {secret(demo_key())}",
    ]
