"""Charts as inline SVG: where each bar, line and label lies. Templates only write it down.

Lengths are those of the drawing (WIDTH by HEIGHT), which the page scales to its place. Nothing is
loaded and no script runs; colours are classes, so that the dark page has its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 640, 230
LEFT, RIGHT, TOP, BOTTOM = 44, 632, 12, 196
PLOT = (RIGHT - LEFT, BOTTOM - TOP)
TICKS = 4
LABELS = 7  # along the bottom
FULL = 0.72  # of its place that a column fills
ROW, NAME, NUMBER = 30, 170, 46  # height of a row of bars; room for its name and its number
LINE = 12  # from the top of a row to the base of its text is half of it more


@dataclass(frozen=True, kw_only=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A line of the scale, or a text on the drawing."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, kw_only=True)
class Path:
    """A line through the middles of its places; `dots` are x, y and what is said there."""

    tone: str
    points: str
    dots: list[tuple[float, float, str]]


@dataclass(kw_only=True)
class Chart:
    """A drawing. `legend` names each tone."""

    title: str
    height: float = HEIGHT
    bars: list[Bar] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    ticks: list[Mark] = field(default_factory=list)
    names: list[Mark] = field(default_factory=list)
    numbers: list[Mark] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    lies: bool = False  # bars from left to right

    width = WIDTH
    left, right, bottom = LEFT, RIGHT, BOTTOM

    @property
    def is_empty(self) -> bool:
        return not self.bars and not self.paths


Series = Mapping[str, tuple[str, Sequence[float | None]]]  # tone → its name, and a value each


def columns(title: str, places: Sequence[str], series: Series) -> Chart:
    """Stack a column for each place, such as a day."""
    sums = [sum(values[n] or 0 for _name, values in series.values()) for n in range(len(places))]
    top = scale(max(sums, default=0))
    chart = _framed(title, places, series, top)
    if not any(sums):
        return chart
    step = PLOT[0] / len(places)
    for number, place in enumerate(places):
        base = float(BOTTOM)
        for tone, (name, values) in series.items():
            value = values[number] or 0
            height = value / top * PLOT[1]
            base -= height
            if value:
                chart.bars.append(
                    Bar(
                        x=round(LEFT + step * (number + (1 - FULL) / 2), 2),
                        y=round(base, 2),
                        width=round(step * FULL, 2),
                        height=round(height, 2),
                        tone=tone,
                        title=f"{place}: {name} {plain(value)}",
                    )
                )
    return chart


def lines(title: str, places: Sequence[str], series: Series, unit: str) -> Chart:
    """Draw a line for each series; a value that is not known is left out."""
    known = [v for _name, values in series.values() for v in values if v is not None]
    top = scale(max(known, default=0))
    chart = _framed(title, places, series, top)
    step = PLOT[0] / max(len(places), 1)
    for tone, (name, values) in series.items():
        dots = [
            (
                round(LEFT + step * (number + 0.5), 2),
                round(BOTTOM - value / top * PLOT[1], 2),
                f"{place}: {name} {plain(value)} {unit}",
            )
            for number, (place, value) in enumerate(zip(places, values, strict=True))
            if value is not None
        ]
        if dots:
            points = " ".join(f"{x},{y}" for x, y, _said in dots)
            chart.paths.append(Path(tone=tone, points=points, dots=dots))
    return chart


def bars(title: str, names: Sequence[str], series: Series) -> Chart:
    """Stack a bar from left to right for each name, with the sum at its end."""
    sums = [sum(values[n] or 0 for _name, values in series.values()) for n in range(len(names))]
    top = max(sums, default=0)
    chart = Chart(title=title, height=max(ROW * len(names), ROW), lies=True, legend=_legend(series))
    room = WIDTH - NAME - NUMBER
    for row, name in enumerate(names):
        x, middle = float(NAME), row * ROW + ROW / 2
        chart.names.append(Mark(x=NAME - 10, y=middle + 4, text=name))
        for tone, (label, values) in series.items():
            value = values[row] or 0
            if value:
                width = value / top * room
                chart.bars.append(
                    Bar(
                        x=round(x, 2),
                        y=middle - 9,
                        width=round(width, 2),
                        height=18,
                        tone=tone,
                        title=f"{name}: {label} {plain(value)}",
                    )
                )
                x += width
        chart.numbers.append(Mark(x=round(x + 8, 2), y=middle + 4, text=plain(sums[row])))
    return chart


def _framed(title, places, series, top):
    """Begin a chart with its scale at the left and its places along the bottom."""
    chart = Chart(title=title, legend=_legend(series))
    for number in range(TICKS + 1):
        value = top * number / TICKS
        y = round(BOTTOM - PLOT[1] * number / TICKS, 2)
        chart.ticks.append(Mark(x=LEFT - 8, y=y, text=plain(value)))
    step = PLOT[0] / max(len(places), 1)
    every = -(-len(places) // LABELS) or 1
    for number in range(0, len(places), every):
        x = round(LEFT + step * (number + 0.5), 2)
        chart.names.append(Mark(x=x, y=BOTTOM + 20, text=places[number]))
    return chart


def _legend(series):
    return [(tone, name) for tone, (name, _values) in series.items()] if len(series) > 1 else []


def scale(highest: float) -> float:
    """Choose where a scale of TICKS steps ends: at 1, 2, 2.5 or 5 times a power of ten, each."""
    step = 1.0
    while step * TICKS < highest:
        for factor in (2, 2.5, 5, 10):
            if step * factor * TICKS >= highest:
                return step * factor * TICKS
        step *= 10
    return step * TICKS


def plain(value: float) -> str:
    """Write a number without needless decimals."""
    return f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value)}"
