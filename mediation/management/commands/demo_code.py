"""`manage.py demo_code mia`: what the phone of one of the demo's staff would show now."""

import json
import time

from django.core.management.base import BaseCommand, CommandError
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from mediation import steps
from mediation.desk.people import DEMO, demo_key, demo_password
from mediation.desk.second_factor import secret


class Command(BaseCommand):
    help = (
        "Tell the code that lets one of the demo's staff in, which was not used yet;"
        " without a name: password and secret of all of them, as JSON."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="?", choices=[name for name, *_rest in DEMO])

    def handle(self, *_args, **options):
        if options["name"] is None:
            told = {"password": demo_password(), "second_factor": secret(demo_key())}
            self.stdout.write(json.dumps(told))
            return
        found = TOTPDevice.objects.filter(user__username=options["name"], name="demo").first()
        if found is None:
            raise CommandError("There is no such person: `manage.py demo` makes them.")
        self.stdout.write(code(found))


def code(device: TOTPDevice) -> str:
    """Tell the code of a phone; waits if the one of now and the next one were used already."""
    while True:
        phone = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
        phone.time = steps.database_clock().timestamp()
        ahead = device.last_t + 1 - phone.t()
        if ahead <= device.tolerance:
            phone.drift += max(0, ahead)
            return f"{phone.token():0{device.digits}d}"
        time.sleep(1)
