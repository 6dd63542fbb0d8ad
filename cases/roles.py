"""Who may take a step."""

from django.db import models


class Role(models.TextChoices):
    """People come with a token or a log-in; the others are parts of this system."""

    BUYER = "buyer"
    SELLER = "seller"
    SERVICE = "service"  # the marketplace's own back office
    CARRIER = "carrier"
    GATEWAY = "gateway"
    MEDIATOR = "mediator"
    SENIOR = "senior"
    SUPERVISOR = "supervisor"
    CLOCK = "clock"  # a clock that ran out
    CASE = "case"  # a step of the case that takes its dispute along
    DISPUTE = "dispute"  # a step of the dispute that takes its case along


PARTIES = (Role.BUYER, Role.SELLER)
STAFF = (Role.MEDIATOR, Role.SENIOR, Role.SUPERVISOR)
JUDGES = (Role.MEDIATOR, Role.SENIOR)


def other(side: str) -> str:
    """Name the opposite side of a buyer or a seller."""
    return Role.SELLER if side == Role.BUYER else Role.BUYER
