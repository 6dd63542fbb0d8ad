"""Repeats, interleaved, so that whatever the machine does at a time it does to all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure with its spread over the repeats."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)

    def over(self, other: "Figure") -> "Figure":
        """Divide repeat by repeat: both of a pair were measured within the same moments."""
        pairs = zip(self.values, other.values, strict=True)
        return Figure(values=tuple(mine / theirs for mine, theirs in pairs))


def percentile(values: Sequence[float], percent: int) -> float:
    """Give the value that so many percent of all stay under or at."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def interleaved(
    jobs: Mapping[str, Callable[[], float]],
    repeats: int,
    tell: Callable[[str], object],
) -> dict[str, Figure]:
    """Measure all jobs once, then all again; every second time in the opposite order."""
    found: dict[str, list[float]] = {name: [] for name in jobs}
    for repeat in range(repeats):
        names = list(jobs)[:: -1 if repeat % 2 else 1]
        for name in names:
            found[name].append(jobs[name]())
        told = ", ".join(f"{name} {found[name][-1]:,.0f}" for name in jobs)
        tell(f"{repeat + 1} of {repeats}, cases per second: {told}")
    return {name: Figure(values=tuple(values)) for name, values in found.items()}
