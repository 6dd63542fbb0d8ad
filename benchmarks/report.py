"""What the reader gets: lines, a table and benchmarks/results.json."""

import json
import os
import platform
from pathlib import Path
from typing import Any

from django.db import connection
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import Figure

RESULTS = Path(__file__).with_name("results.json")


def say(line: str = "") -> None:
    """Tell the person at the terminal."""
    print(line, flush=True)  # noqa: T201 -- for the person at the terminal


class Report:
    """Figures with their aims; printed as they are known, kept for the file."""

    def __init__(self, title: str) -> None:
        self.results: dict[str, Any] = {}
        self.load = os.getloadavg()[0]  # of others: figures of a busy machine say little
        self.table = Table("what", "median", "from", "to", "aim", title=title, title_justify="left")

    def add(
        self, what: str, figure: Figure, *, key: str = "", aim: str = "", unit: str = ""
    ) -> None:
        """Add a line; with a key it is kept in the file as well."""
        values = (figure.median, figure.low, figure.high)
        self.table.add_row(what, *(_short(value) + unit for value in values), aim)
        if key:
            self.results[key] = float(f"{figure.median:.4g}")

    def finish(self, *, partly: bool = False, **more: Any) -> None:
        """Print the table and write the file.

        :param partly: leave the figures in the file that this report does not have
        """
        line = f"{machine()}; load when it began {self.load:.1f}"
        Console(width=110).print(self.table)
        say(line)
        others = json.loads(RESULTS.read_text()) if partly and RESULTS.exists() else {}
        results = others | self.results | more | {"machine": machine(), "load": round(self.load, 1)}
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
        say(f"written to {RESULTS}")


def _short(value: float) -> str:
    if value >= 100:  # noqa: PLR2004 -- from three digits on no fraction is of use
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine() -> str:
    """Tell on what it was measured."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [text for text in info.read_text().splitlines() if text.startswith("model name")]
        cpu = models[0].partition(": ")[2] if models else cpu
    postgres = connection.pg_version  # type: ignore[attr-defined]
    return (
        f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"PostgreSQL {postgres // 10_000}.{postgres % 10_000}"
    )
