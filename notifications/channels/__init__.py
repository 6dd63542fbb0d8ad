"""How a letter leaves the house. A channel is one class, named in `NOTIFICATIONS["CHANNELS"]`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from django.utils.module_loading import import_string

from notifications import conf
from notifications.attempts import GiveUp
from notifications.rendering import Rendered


class Bounced(GiveUp):
    """Nothing arrives at this address, now or later: the contact is marked, another one used."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A letter as a channel gets it. Its repr shows no address and no word."""

    key: str  # the same for every attempt
    to: str = field(repr=False)
    template: str
    params: Mapping[str, Any] = field(repr=False)
    locale: str
    rendered: Rendered = field(repr=False)


class Channel(Protocol):
    """One way to reach people."""

    def send(self, message: Message) -> str:
        """Hand a message over, with its key.

        :returns: the provider's own id, unique as "provider:id"; empty where there is none
        :raises Bounced: the address is wrong for good
        :raises Exception: anything else is worth another attempt
        """


def channel(name: str) -> Channel:
    """Make a channel by its name in the settings.

    :raises GiveUp: there is no such channel any more
    """
    path = conf.get("CHANNELS").get(name)
    if path is None:
        raise GiveUp(f"there is no channel {name}")
    return _load(path)


@cache
def _load(path: str) -> Channel:
    return import_string(path)()
