"""How often somebody may ask: rates by scope and role, counted in Redis for all processes at once.

A moving window of the library `limits`: of any number of requests at the same moment exactly as
many pass as the rate says. While Redis does not answer, each process counts for itself.
"""

import ipaddress
import logging
import math
import threading
import time
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from cases.roles import PARTIES

log = logging.getLogger(__name__)

# Scope → who asks → rates that all hold. An account is a buyer, a shop, or a marketplace's
# service; who brings no token is known by the address. `settings.RATES_TIMES` multiplies them.
RATES: dict[str, dict[str, str]] = {
    "read": {"buyer": "300/minute", "seller": "1200/minute", "service": "6000/minute"},
    "write": {"buyer": "60/minute", "seller": "600/minute", "service": "3000/minute"},
    "open": {"buyer": "20/minute; 200/day", "seller": "60/minute", "service": "1200/minute"},
    "upload": {"buyer": "30/minute; 300/day", "seller": "120/minute", "service": "600/minute"},
    "export": {"buyer": "10/minute", "seller": "60/minute", "service": "300/minute"},
    "message": {"buyer": "20/minute", "seller": "200/minute", "service": "600/minute"},
    "link": {"address": "1200/minute"},  # the bytes of files
    "callback": {"address": "1200/minute"},  # of gateways
    "description": {"address": "60/minute"},  # of the API: long, and the same for all
    "turned_away": {"address": "60/minute"},  # tokens and signatures that are not valid
    # One mediator from one place; one place; one mediator from anywhere: a delay, as nobody
    # shall lock somebody else out.
    "log_in": {"both": "10/minute; 60/hour", "address": "60/minute", "account": "120/minute"},
}

PATIENCE = 0.25  # seconds, for a connection as for an answer
PAUSE = 5.0  # seconds that a Redis which did not answer is left alone
LONGEST_NAME = 150  # characters of a log-in


class Gate:
    """Counts requests. One per process."""

    def __init__(self) -> None:
        self.silent_until = 0.0  # of the process's own stop watch
        self.is_down = False
        self.lock = threading.Lock()
        self._everywhere: MovingWindowRateLimiter | None = None
        self._here: MovingWindowRateLimiter | None = None

    def wait(self, rates: str, *who: str) -> int:
        """Count a request, if it may pass.

        :returns: seconds to wait; 0: go on
        """
        items = _items(rates, settings.RATES_TIMES)
        if not items:
            return 0
        if self._may_ask():
            try:
                seconds = _wait(self.everywhere(), items, who)
            except RedisError as error:
                self._is_gone(error)
            else:
                self._is_there()
                return seconds
        with self.lock:  # one at a time: the store in memory alone does not keep its promise
            return _wait(self.here(), items, who)

    def everywhere(self) -> MovingWindowRateLimiter:
        """Count for all processes. No connection is made before the first request."""
        if self._everywhere is None:
            url = settings.REDIS_URL.replace("unix://", "redis+unix://", 1)
            options: dict[str, Any] = {
                "socket_timeout": PATIENCE,
                "socket_connect_timeout": PATIENCE,
                "retry": Retry(NoBackoff(), 1),  # a connection may be from before a restart
            }
            storage = RedisStorage(url, key_prefix="mediation:limits", **options)
            self._everywhere = MovingWindowRateLimiter(storage)
        return self._everywhere

    def here(self) -> MovingWindowRateLimiter:
        """Count for this process alone."""
        if self._here is None:
            self._here = MovingWindowRateLimiter(MemoryStorage())
        return self._here

    def _may_ask(self):
        """Whether to ask Redis. One finds out that it is back, the others do not wait for that."""
        with self.lock:
            is_time = time.monotonic() >= self.silent_until
            if is_time and self.is_down:
                self.silent_until = time.monotonic() + PAUSE
            return is_time

    def _is_there(self):
        if self.is_down:
            with self.lock:
                self.is_down, self.silent_until = False, 0.0
                self._here = None  # what was counted here says nothing any more, and takes room

    def _is_gone(self, error):
        self.silent_until = time.monotonic() + PAUSE
        if not self.is_down:
            self.is_down = True
            log.warning("Redis does not count requests, each process does: %s", error)


gate = Gate()


@cache
def _items(rates: str, times: int) -> list[RateLimitItem]:
    return [type(item)(item.amount * times, item.multiples) for item in parse_many(rates) if times]


def _wait(limiter, items, who):
    for item in items:
        if not limiter.hit(item, *who):
            left = limiter.get_window_stats(item, *who).reset_time - time.time()
            return max(1, math.ceil(left))
    return 0


class Throttle(BaseThrottle):
    """What DRF asks before each view. A view names a scope of its own in `rated_as`, by method."""

    seconds = 0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count a request of an account, or of an address that brings no token."""
        usual = "read" if request.method in SAFE_METHODS else "write"
        scope = getattr(view, "rated_as", {}).get(request.method, usual)
        if request.query_params.get("dry_run") == "true":  # it opens and keeps nothing
            scope = usual
        role = getattr(request.user, "role", "address")
        if role not in RATES[scope]:  # by a method that there is not
            scope, role = "turned_away", "address"
        who = address(request) if role == "address" else account(request.user)
        self.seconds = gate.wait(RATES[scope][role], scope, role, who)
        return self.seconds == 0

    def wait(self) -> float:
        return self.seconds


def account(actor: Any) -> str:
    """Name the buyer, the shop or the marketplace that an actor asks for."""
    who = (actor.party_id or actor.person) if actor.role in PARTIES else ""
    return f"{actor.marketplace_id}:{who}"


def address(request: Any) -> str:
    """Name where a request comes from, past proxies of ours (`PROXIES`).

    :returns: an IPv4 address, or the network of 64 bits that a single IPv6 host owns
    """
    text = BaseThrottle().get_ident(request) or ""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def turned_away(request: Any) -> int:
    """Count a request whose token or signature is not valid.

    :returns: seconds to wait; 0: it may hear why
    """
    return gate.wait(RATES["turned_away"]["address"], "turned_away", address(request))


def logging_in(request: Any, name: str) -> int:
    """Count an attempt to log in, or to show a second factor, whatever comes of it.

    :param name: of the log-in, as it was typed
    :returns: seconds to wait; 0: try
    """
    place, who = address(request), name.strip().lower()[:LONGEST_NAME]
    keys = {"both": (who, place), "address": (place,), "account": (who,)}
    waits = (gate.wait(RATES["log_in"][kind], "log_in", kind, *key) for kind, key in keys.items())
    return next((seconds for seconds in waits if seconds), 0)


def slowly(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page to log in be tried only so often; then it answers 429 and stays as it is."""

    @wraps(page)
    def limited(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if request.method != "POST":
            return page(request, *args, **options)
        seconds = logging_in(request, request.POST.get("username", ""))
        if not seconds:
            return page(request, *args, **options)
        told = _("Too many attempts. Try again in %(seconds)s seconds.")
        messages.error(request, told % {"seconds": seconds})
        request.method = "GET"  # an empty form
        answer = page(request, *args, **options)
        answer.status_code = 429
        answer.headers["Retry-After"] = str(seconds)
        return answer

    return limited
