"""Calls to strangers' addresses: public hosts only, bounded in time and size."""

import socket
import time

import pytest

from notifications import outbound
from notifications.attempts import Failed
from notifications.outbound import Forbidden, check_url, is_public, post
from tests.notifications.servers import marketplace


@pytest.fixture
def resolves(monkeypatch):
    """Let every name have these addresses."""

    def to(*addresses):
        found = [(None, None, None, "", (address, 443)) for address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    return to


@pytest.fixture
def shop(settings):
    settings.NOTIFICATIONS = {"ALLOW_LOOPBACK": True}
    with marketplace() as told:
        yield told


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://shop.example:22/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example/",
        "https://bea:secret@shop.example/",
        "https://bea@shop.example/",
        "https:///path",
        "//shop.example/",
        "shop.example",
        "",
        "https://[::1",
        "https://shop.example:99999/",
        "http://127.0.0.1/",
        "http://localhost/",
        "https://localhost/",
        "https://database/",
        "https://printer.local./",
        "https://10.0.0.1/",
        "https://[fe80::1]/",
        "https://127.1/",
        "https://shop.example\\@127.0.0.1/",
        "https://shop.example/\r\nHost: x",
        "https://商店.example/",
    ],
)
def test_only_https_on_its_own_port_is_called(url):
    with pytest.raises(Forbidden):
        check_url(url)


@pytest.mark.parametrize("url", ["https://shop.example/a?b=c", "https://shop.example:443/"])
def test_a_public_https_address_may_be_called(url):
    assert check_url(url).hostname == "shop.example"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # cloud metadata
        "100.64.0.1",  # carrier-grade NAT: `is_private` is False
        "0.0.0.0",  # noqa: S104 -- refused, not bound
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "192.88.99.1",  # 6to4 relays
        "::",
        "::1",
        "::7f00:1",  # IPv4-compatible: ::127.0.0.1
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",  # NAT64
        "64:ff9b:1::1",
        "2001:0:7f00:1::1",  # Teredo
        "2002:7f00:1::",  # 6to4
        "2001:db8::1",
        "fc00::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",  # site-local
        "ff02::1",
        "ff0e::1",  # global multicast
    ],
)
def test_addresses_that_are_not_public_are_refused(address, resolves):
    resolves(address)

    assert not is_public(address)
    with pytest.raises(Forbidden, match="not a public address"):
        post("https://shop.example/", b"", {})


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111"])
def test_public_addresses_are_not(address):
    assert is_public(address)


def test_one_bad_address_among_good_ones_is_enough(resolves):
    resolves("93.184.216.34", "10.0.0.1")

    with pytest.raises(Forbidden):
        post("https://shop.example/", b"", {})


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_odd_spellings_of_this_machine_are_refused(host):
    with pytest.raises(Forbidden):
        post(f"https://{host}/", b"", {})


def test_the_connection_goes_to_the_very_address_that_was_checked(resolves, monkeypatch):
    resolves("93.184.216.34")
    tried = []

    def connect(address, timeout):
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(Failed, match=r"could not be reached \(ConnectionRefusedError\)"):
        post("https://shop.example/", b"", {})
    assert tried == [("93.184.216.34", 443)]


def test_a_body_arrives_with_its_headers(shop):
    answer = post(shop.url, b'{"a": 1}', {"webhook-id": "msg_1"})

    [(headers, body)] = shop.received
    assert (answer.status, headers["webhook-id"], body) == (204, "msg_1", b'{"a": 1}')
    assert headers["Host"] == shop.url.split("/")[2]


def test_a_redirect_is_an_answer_and_not_followed(shop):
    shop.status, shop.headers = 302, {"Location": shop.url}

    assert post(shop.url, b"", {}).status == 302
    assert len(shop.received) == 1


def test_no_more_than_64_kilobytes_are_read(shop):
    shop.status, shop.body = 200, b"x" * 200_000

    assert len(post(shop.url, b"", {}).text) == 64 * 1024


def test_an_answer_that_drips_is_cut_off_at_the_deadline(shop, monkeypatch):
    monkeypatch.setattr(outbound, "DEADLINE", 0.4)
    shop.drips = "status"
    started = time.monotonic()

    with pytest.raises(Failed, match="did not answer in time"):
        post(shop.url, b"", {})

    assert time.monotonic() - started < 5


def test_a_body_that_drips_is_read_until_the_deadline_and_no_longer(shop, monkeypatch):
    monkeypatch.setattr(outbound, "DEADLINE", 0.4)
    shop.status, shop.headers, shop.drips = 200, {"Content-Length": "65536"}, "body"
    started = time.monotonic()

    assert post(shop.url, b"", {}).status == 200  # it has said so

    assert time.monotonic() - started < 5


def test_a_server_that_accepts_and_says_nothing_is_left(monkeypatch, settings):
    settings.NOTIFICATIONS = {"ALLOW_LOOPBACK": True}
    monkeypatch.setattr(outbound, "DEADLINE", 0.3)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(Failed, match="did not answer in time"),
    ):
        post(f"http://127.0.0.1:{silent.getsockname()[1]}/", b"", {})


def test_https_is_really_tls(shop):
    with pytest.raises(Failed, match="no safe connection"):
        post(shop.url.replace("http://", "https://"), b"", {})


def test_nobody_there_is_worth_another_attempt(settings):
    settings.NOTIFICATIONS = {"ALLOW_LOOPBACK": True}

    with pytest.raises(Failed, match="could not be reached"):
        post("http://127.0.0.1:1/", b"", {})
