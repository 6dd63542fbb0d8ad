"""Who is at the desk, and what that person may look at."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from cases.roles import JUDGES
from mediation.models import Duty, Mediator

EVERYBODY = frozenset(Duty.values)
OFFICE = frozenset({Duty.SUPERVISOR, Duty.AUDITOR, Duty.OPS})  # what is no single dispute
REPAIRS = frozenset({Duty.SUPERVISOR, Duty.OPS})  # may send dead letters again


def staff_of(request: HttpRequest) -> Mediator | None:
    """Tell who is logged in; None: nobody of the staff. A superuser without a role looks on."""
    if not hasattr(request, "_staff"):
        request._staff = _staff(request.user)  # type: ignore[attr-defined]  # noqa: SLF001
    return request._staff  # type: ignore[attr-defined]  # noqa: SLF001


def _staff(user):
    if not (user.is_active and user.is_staff and user.is_verified()):  # by a second factor
        return None
    found = Mediator.objects.filter(user=user.pk).first()
    if found is not None:
        found.user = user
    elif user.is_superuser:
        found = Mediator(user=user, role=Duty.AUDITOR, everywhere=True)
    return found


def required(request: HttpRequest, roles: Iterable[str] = EVERYBODY) -> Mediator:
    """Tell who is logged in.

    :raises PermissionDenied: nobody of the staff, or with another role
    """
    found = staff_of(request)
    if found is None or found.role not in roles:
        raise PermissionDenied
    return found


def is_staff(request: HttpRequest) -> bool:
    """Say whether somebody of the staff is logged in; asked by the navigation."""
    return staff_of(request) is not None


def is_office(request: HttpRequest) -> bool:
    """Say whether it is somebody who looks after the whole; asked by the navigation."""
    found = staff_of(request)
    return found is not None and found.role in OFFICE


def is_reviewing(request: HttpRequest) -> bool:
    """Say whether it is somebody who writes blind reviews, or draws and reads them."""
    return is_judge(request) or is_office(request)


def is_judge(request: HttpRequest) -> bool:
    """Say whether it is a mediator."""
    found = staff_of(request)
    return found is not None and found.role in JUDGES


def names(persons: Iterable[str]) -> dict[str, str]:
    """Name our people by the pseudonyms that the record knows them by: one query."""
    ids = {int(person) for person in persons if person.isdigit()}
    users = get_user_model().objects.filter(pk__in=ids)
    return {str(user.pk): user.get_full_name() or user.get_username() for user in users}
