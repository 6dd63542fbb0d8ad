"""`manage.py demo`: the demo marketplace, its people and orders. Safe to run again and again."""

from django.core.management.base import BaseCommand
from django.utils.crypto import salted_hmac

from mediation import steps
from mediation.desk.people import demo_staff
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
    """Make the demo's staff and tell how they log in.

    The password follows from the installation's own key: nobody else can know it, and it stays.
    """
    password = salted_hmac("mediation.demo", "staff").hexdigest()[:12]
    staff = demo_staff(password)
    width = max(len(name) for name in staff)
    roles = [f"  {name:{width}}  {member.get_role_display()}" for name, member in staff.items()]
    return [f"admin log-ins, all with the password {password}:", *roles]
