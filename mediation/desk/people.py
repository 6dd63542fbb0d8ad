"""The desk's people for the demo and the tests. Real staff are made in the admin by a superuser."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.utils.crypto import salted_hmac

from mediation.models import Duty, Mediator

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


def demo_staff(password: str) -> dict[str, Mediator]:
    """Make one of each role, two mediators and two supervisors; they see every marketplace.

    Made anew or left as they are, so that it may be called at each start; the password is set.
    It is hashed once for all of them, as hashing it takes long on purpose.

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
    found, _made = Mediator.objects.get_or_create(
        user=user, defaults={"role": role, "everywhere": True}
    )
    return found
