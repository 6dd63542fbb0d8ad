"""Small real servers on loopback: a marketplace that takes webhooks, a mail server."""

import socketserver
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Marketplace:
    """What it received, and how it answers next."""

    url: str = ""
    status: int = 204
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    drips: str = ""  # "status" or "body": a byte at a time, until it is closed
    closed: threading.Event = field(default_factory=threading.Event)
    received: list = field(default_factory=list)  # (headers, body)


@contextmanager
def marketplace():
    told = Marketplace()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            told.received.append((dict(self.headers), self.rfile.read(length)))
            self.drip("status")
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.drip("body")
            self.wfile.write(told.body)

        def drip(self, part):
            if told.drips == part:
                while not told.closed.wait(0.05):
                    self.wfile.write(b".")

        def log_message(self, *args):
            pass

        def handle(self):
            with suppress(OSError):  # cut off by the other side
                super().handle()

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_address[1]}/hooks?shop=1"
        try:
            yield told
        finally:
            told.closed.set()
            server.shutdown()


@contextmanager
def mail_server(*, answers_recipients: str):
    """A mail server that answers RCPT as told; yields its port and what it received."""
    received = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 test")
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "QUIT":
                    self.say("221 bye")
                    return
                if verb == "DATA":
                    self.say("354 go on")
                    received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.say(answers_recipients if verb == "RCPT" else "250 ok")

        def say(self, line):
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.server_address[1], received
        finally:
            server.shutdown()
