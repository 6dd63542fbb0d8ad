"""The load generator asks as often as it says, and hides no failure."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.load import generate

ASK = ("POST", "/", {"Content-Type": "application/json"}, "{}")


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answers = 0

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).answers += 1
        self.send_response(201)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


@pytest.fixture
def url():
    Server.answers = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_each_request_is_sent_once_and_timed(url):
    load = generate(url, [ASK] * 20, at_once=4, seconds=30, expect=201)

    assert len(load.ms) == Server.answers == 20
    assert max(load.ms) / 1_000 <= load.seconds
    assert 0 < load.cpu_share < 2


def test_it_stops_when_the_time_is_over(url):
    load = generate(url, [ASK] * 1_000_000, at_once=2, seconds=0.1, expect=201)

    assert load.seconds < 5
    assert len(load.ms) == Server.answers


def test_another_status_than_expected_is_told(url):
    with pytest.raises(RuntimeError, match=r"POST /: 201"):
        generate(url, [ASK] * 20, at_once=1, seconds=30, expect=200)
