"""The load generator, a process of its own: `python -m benchmarks.load` reads what to send.

It speaks HTTP/1.1 over kept connections to an address of this machine, for a bounded time.
"""

import json
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from benchmarks.measuring import percentile

Request = tuple[str, str, dict[str, str], str]  # method, path, headers, body
PATIENCE = 180  # seconds for one answer


@dataclass(frozen=True, kw_only=True)
class Load:
    """What came of it."""

    seconds: float  # from the first request to the last answer
    cpu_seconds: float  # of the generator
    ms: list[float]  # of each request, in the order of the answers

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.ms) / self.seconds

    @property
    def cpu_share(self) -> float:
        """The part of one core that the generator took."""
        return self.cpu_seconds / self.seconds

    @property
    def p95(self) -> float:
        """The milliseconds that 95 of 100 requests stay under or at."""
        return percentile(self.ms, 95)


def send(url: str, requests: list[Request], *, at_once: int, seconds: float, expect: int) -> Load:
    """Send requests from a process of their own, so many at once, until the time is over.

    :param expect: the status that every answer must have
    :raises RuntimeError: an answer had another one, or there was none
    """
    wanted = {"url": url, "at_once": at_once, "seconds": seconds, "expect": expect}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(wanted | {"requests": requests}),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + PATIENCE,
    )
    if done.returncode:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-2000:]}")
    return Load(**json.loads(done.stdout))


def generate(
    url: str, requests: list[Request], *, at_once: int, seconds: float, expect: int
) -> Load:
    """Be the generator.

    :raises RuntimeError: as of `send`
    """
    left, ms, faults = iter(requests), [], []  # type: ignore[var-annotated]
    start = time.perf_counter()

    def work() -> None:
        with closing(HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)) as connection:
            while not faults and time.perf_counter() < start + seconds:
                request = next(left, None)  # of a list: one thread at a time
                if request is None:
                    return
                began = time.perf_counter()
                fault = _ask(connection, request, expect)
                ms.append((time.perf_counter() - began) * 1_000)
                faults.extend(fault)

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    cpu = time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, cpu = time.perf_counter() - start, time.process_time() - cpu
    if faults or not ms:
        raise RuntimeError(faults[0] if faults else "nothing was answered")
    return Load(seconds=took, cpu_seconds=cpu, ms=ms)


def _ask(connection, request, expect):
    """Send a request and read the answer; list what is wrong with it."""
    method, path, headers, body = request
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    wrong = answer.status != expect
    return [f"{method} {path}: {answer.status} {content[:1_000]!r}"] if wrong else []


def main() -> None:
    wanted: dict[str, Any] = json.load(sys.stdin)
    json.dump(asdict(generate(**wanted)), sys.stdout)


if __name__ == "__main__":
    main()
