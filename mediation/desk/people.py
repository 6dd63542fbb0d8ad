"""The desk's people for the demo and the tests. Real staff are made in the admin by a superuser."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model

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

    :returns: log-in name → member of staff
    """
    return {name: _hired(name, *rest, password=password) for name, *rest in DEMO}


def _hired(name, first_name, last_name, role, *, password):
    user, _made = get_user_model().objects.get_or_create(
        username=name,
        defaults={"first_name": first_name, "last_name": last_name, "is_staff": True},
    )
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    found, _made = Mediator.objects.get_or_create(
        user=user, defaults={"role": role, "everywhere": True}
    )
    return found
