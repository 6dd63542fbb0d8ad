"""The desk's people for the demo and the tests. Real staff are made in the admin by a superuser."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_totp.models import TOTPDevice

from mediation.models import Duty, Mediator

KEY_LENGTH = 40  # hexadecimal digits, 20 bytes

# log-in, first name, last name, role
DEMO: Sequence[tuple[str, str, str, str]] = (
    ("mia", "Mia", "Mediator", Duty.MEDIATOR),
    ("max", "Max", "Mediator", Duty.MEDIATOR),
    ("sue", "Sue", "Senior", Duty.SENIOR),
    ("sol", "Sol", "Supervisor", Duty.SUPERVISOR),
    ("sia", "Sia", "Supervisor", Duty.SUPERVISOR),
    ("ada", "Ada", "Auditor", Duty.AUDITOR),
    ("ole", "Ole", "Operations", Duty.OPS),
)


def demo_password() -> str:
    """Tell the password of all demo staff.

    It follows from the installation's own key: nobody else can know it, and it stays.
    """
    return salted_hmac("mediation.demo", "staff").hexdigest()[:12]


def demo_key() -> str:
    """Tell the secret of the second factor of all demo staff, in hexadecimal digits."""
    return salted_hmac("mediation.demo", "phone").hexdigest()[:KEY_LENGTH]


def demo_staff(password: str) -> dict[str, Mediator]:
    """Make one of each role, two mediators and two supervisors; they see every marketplace.

    Made anew or left as they are, so that it may be called at each start; the password is set
    and a phone with the demo's secret is at hand. The password is hashed once for all of them,
    as hashing it takes long on purpose.

    :returns: log-in name → member of staff
    """
    encoded = make_password(password, salt=salted_hmac("mediation.demo", password).hexdigest())
    return {name: _hired(name, *rest, password=encoded) for name, *rest in DEMO}


def _hired(name, first_name, last_name, role, *, password):
    user, _made = get_user_model().objects.update_or_create(
        username=name,
        defaults={"password": password},
        create_defaults={
            "first_name": first_name,
            "last_name": last_name,
            "is_staff": True,
            "password": password,
        },
    )
    TOTPDevice.objects.get_or_create(user=user, name="demo", defaults={"key": demo_key()})
    found, _made = Mediator.objects.get_or_create(
        user=user, defaults={"role": role, "everywhere": True}
    )
    return found
