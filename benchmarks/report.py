"""What the reader gets: lines, a table and benchmarks/results.json."""


def say(line: str = "") -> None:
    """Tell the person at the terminal."""
    print(line, flush=True)  # noqa: T201 -- for the person at the terminal
