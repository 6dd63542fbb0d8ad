"""Calls to addresses that strangers gave us: public https hosts, bounded in time and size.

The name is resolved once; the very address that was checked is the one connected to, so that a
name cannot point elsewhere a moment later. Redirects are answers like any other, never followed.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from notifications import conf
from notifications.attempts import Failed, GiveUp

CONNECT = 5.0  # seconds
DEADLINE = 20.0  # seconds, for everything: a server that drips one byte at a time as well
LONGEST_ANSWER = 64 * 1024  # bytes that are read; the rest is not waited for
HTTPS = 443
VISIBLE = re.compile(r"[!-\[\]-~]+", re.ASCII)  # no backslash: some read it as a slash
NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)\.?", re.ASCII)  # an address, however spelt
HERE = {"localhost", "local", "internal", "lan", "home"}  # last parts of names of no internet

# What `ipaddress` calls global and is not: IPv4 inside IPv6, 6to4 and its relays, site-local.
NOT_PUBLIC = [
    ipaddress.ip_network(net)
    for net in (
        "::/96",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fec0::/10",
        "192.88.99.0/24",
    )
]


class Forbidden(GiveUp):
    """Not a URL that we call."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    retry_after: str  # the header as it is, or empty
    text: str  # its beginning, at most 64 kB


def check_url(url: str) -> SplitResult:
    """Say whether a URL may be called at all, before anybody looks up its name.

    :raises Forbidden: not https on port 443, a name with a password, no full name of a host, an
        address that is not public
    """
    if not VISIBLE.fullmatch(url):
        raise Forbidden("the URL is malformed")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("the URL is malformed") from None
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise Forbidden("the URL must name a host and no user")
    if _is_own_machine(parts):
        return parts
    if parts.scheme != "https" or port not in {None, HTTPS}:
        raise Forbidden("the URL must be https on port 443")
    _check_host(parts.hostname)
    return parts


def _check_host(host: str) -> None:
    """Refuse what cannot be public, whatever a name server would say."""
    if ":" in host or NUMBER.fullmatch(host):
        with suppress(ValueError):  # an odd spelling of an address is none of a public one
            if is_public(host):
                return
        raise Forbidden("the host is not a public address")
    last = host.rstrip(".").rpartition(".")
    if not last[0] or last[2] in HERE:
        raise Forbidden("the URL must name a host of the internet")


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the public internet: no single flag knows."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    flags = ip.is_multicast or ip.is_reserved or ip.is_private or ip.is_unspecified
    inside = any(ip in net for net in NOT_PUBLIC if net.version == ip.version)
    return ip.is_global and not flags and not inside


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body and read the answer.

    :raises Forbidden: the URL, or an address that its host name has, is not public
    :raises Failed: no answer in time, or none that could be read
    """
    parts = check_url(url)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    try:
        with _connection(parts) as connection:
            connection.request("POST", target, body=body, headers=dict(headers))
            response = connection.getresponse()
            text = response.read(LONGEST_ANSWER).decode("utf-8", "replace")
            return Answer(response.status, response.headers.get("Retry-After", ""), text)
    except TimeoutError:
        raise Failed("the endpoint did not answer in time") from None
    except ssl.SSLError as error:
        raise Failed(f"no safe connection to the endpoint ({error.reason or 'TLS'})") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Failed(f"the endpoint could not be reached ({type(error).__name__})") from None


def _is_own_machine(parts: SplitResult) -> bool:
    return (
        conf.get("ALLOW_LOOPBACK")
        and parts.scheme in {"http", "https"}
        and parts.hostname in {"127.0.0.1", "::1", "localhost"}
    )


def _resolve(parts: SplitResult) -> tuple[str, int]:
    port = parts.port or (HTTPS if parts.scheme == "https" else 80)
    if _is_own_machine(parts):
        return ("::1" if parts.hostname == "::1" else "127.0.0.1"), port
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise Forbidden("the host is not a public address")
    return addresses[0], port


@contextmanager
def _connection(parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
    address, port = _resolve(parts)
    expired = threading.Event()
    plain = socket.create_connection((address, port), timeout=CONNECT)
    sock = plain
    try:
        plain.settimeout(DEADLINE)
        with _alarm(plain, expired):
            if parts.scheme == "https":
                sock = ssl.create_default_context().wrap_socket(
                    plain, server_hostname=parts.hostname
                )
            secure = parts.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            connection = kind(str(parts.hostname), port)
            connection.sock = sock  # connected to the address that was checked
            yield connection
    except Exception:
        if expired.is_set():
            raise TimeoutError from None
        raise
    finally:
        sock.close()
        plain.close()


@contextmanager
def _alarm(sock: socket.socket, expired: threading.Event) -> Iterator[None]:
    """Cut a connection that is still open at the deadline, whatever it is doing."""
    descriptor = sock.dup()  # wrapping in TLS takes the first one away

    def cut() -> None:
        expired.set()
        with suppress(OSError):  # closed by the other side in the same moment
            descriptor.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(DEADLINE, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        descriptor.close()
