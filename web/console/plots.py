"""Draws a table of numbers as bars: where each bar, tick and label of the SVG picture goes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from clinic.numbers import NumbersTable

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 36, 8, 10, 26
ROW_HEIGHT, ROW_LABEL_WIDTH = 28, 190
_MOST_LABELS = 8
_STEPS = (10, 12, 16, 20, 30, 40, 60, 80, 100)


@dataclass(frozen=True)
class Bar:
    """One rectangle; `series` is the number of the column, which chooses its look."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True)
class Mark:
    """A text or a line of the axis."""

    position: float
    label: str


@dataclass(frozen=True)
class Plot:
    """A picture's parts, in its own units; a stacked column or a row for each row of the table."""

    width: int
    height: int
    bars: list[Bar]
    ticks: list[Mark]
    labels: list[Mark]


def draw_columns(table: NumbersTable) -> Plot:
    """Return stacked columns over time, with a scale on the left and about eight dates below."""
    top = round_up(max((sum(values) for _, values in table.rows), default=0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(table.rows), 1)
    scale = (HEIGHT - TOP - BOTTOM) / top
    base = HEIGHT - BOTTOM
    bars, labels = [], []
    every = math.ceil(len(table.rows) / _MOST_LABELS)
    for place, (label, values) in enumerate(table.rows):
        y: float = base
        for series, value in enumerate(values):
            if value:
                y -= value * scale
                bars.append(_bar(LEFT + place * slot + slot * 0.15, y, slot * 0.7, value * scale, series))
        if place % every == 0:
            labels.append(Mark(round(LEFT + (place + 0.5) * slot, 1), label))
    ticks = [Mark(round(base - step * scale, 1), str(step)) for step in sorted({0, top // 2, top})]
    return Plot(WIDTH, HEIGHT, bars, ticks, labels)


def draw_rows(table: NumbersTable) -> Plot:
    """Return one lying bar for each row of a table; several columns are parts of it, one after another."""
    largest = max((sum(values) for _, values in table.rows), default=0) or 1
    room = WIDTH - ROW_LABEL_WIDTH - 60
    bars, labels, ticks = [], [], []
    for place, (label, values) in enumerate(table.rows):
        x, y = float(ROW_LABEL_WIDTH), place * ROW_HEIGHT + 4
        for series, value in enumerate(values):
            width = value / largest * room
            if value or len(values) == 1:
                bars.append(_bar(x, y, width, ROW_HEIGHT - 8, series))
            x += width
        labels.append(Mark(y + (ROW_HEIGHT - 8) / 2, label))
        ticks.append(Mark(round(x + 8, 1), str(sum(values))))
    return Plot(WIDTH, max(len(table.rows), 1) * ROW_HEIGHT + 4, bars, ticks, labels)


def round_up(value: int) -> int:
    """Return a round number that is at least `value` and at least 4, for the top of a scale."""
    if value <= 4:
        return 4
    tenth = 10 ** (len(str(value)) - 1) / 10
    return int(next(step * tenth for step in _STEPS if step * tenth >= value))


def _bar(x: float, y: float, width: float, height: float, series: int) -> Bar:
    return Bar(round(x, 1), round(y, 1), round(width, 1), round(height, 1), series)
