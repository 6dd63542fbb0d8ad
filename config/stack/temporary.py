"""Servers for tests: `python -m config.stack.temporary` prints their addresses as one line of JSON.

They run, in a place of their own and unsafe against power cuts, until the standard input closes:
also when whoever asked for them is killed.
"""

import json
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from config.stack import postgres, valkey
from config.stack.place import temporary_place
from config.stack.record import Record
from config.stack.servers import Addresses, broker, database
from config.stack.supervisor import Supervisor


def main() -> None:
    with temporary_place() as place:
        supervisor = Supervisor(
            base=Path("/"),
            logs=place.state / "log",
            record=Record(place.state),
            say=sys.stderr.write,
        )
        supervisor.listen()
        try:
            supervisor.start(database(place, postgres.UNSAFE))
            supervisor.start(broker(place))
            addresses = Addresses(postgres.url(place), valkey.url(place))
            sys.stdout.write(json.dumps(asdict(addresses)) + "\n")
            sys.stdout.flush()
            threading.Thread(target=_wait_for_the_end, args=[supervisor], daemon=True).start()
            supervisor.watch()
        finally:
            supervisor.stop()


def _wait_for_the_end(supervisor: Supervisor) -> None:
    sys.stdin.read()
    supervisor.asked_to_stop.set()


if __name__ == "__main__":
    main()
