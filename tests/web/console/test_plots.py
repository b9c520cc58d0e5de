from __future__ import annotations

import pytest

from clinic.numbers import NumbersTable
from web.console.plots import HEIGHT, WIDTH, draw_columns, draw_rows, round_up


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 4), (4, 4), (5, 6), (10, 10), (11, 12), (61, 80), (100, 100), (101, 120), (999, 1000)],
)
def test_a_scale_ends_at_a_round_number(value: int, top: int) -> None:
    assert round_up(value) == top


def test_columns_stand_on_each_other_inside_the_picture() -> None:
    rows = [(f"2026-11-{day:02}", (day, 2 * day, 0)) for day in range(1, 31)]
    plot = draw_columns(NumbersTable("requests", ("a", "b", "c"), rows))
    assert len(plot.bars) == 60  # nothing is drawn for a zero
    lower, upper = plot.bars[-2:]
    assert upper.height == pytest.approx(2 * lower.height, abs=0.2)
    assert upper.y + upper.height == pytest.approx(lower.y, abs=0.2)
    assert all(
        bar.y >= 0 and bar.x + bar.width <= WIDTH and bar.y + bar.height <= HEIGHT for bar in plot.bars
    )
    assert [tick.label for tick in plot.ticks] == ["0", "50", "100"]
    assert len(plot.labels) == 8


def test_rows_are_as_long_as_their_number() -> None:
    plot = draw_rows(
        NumbersTable("funnel", ("people",), [("opened", (40,)), ("sent", (10,)), ("booked", (0,))])
    )
    assert plot.bars[0].width == pytest.approx(4 * plot.bars[1].width, abs=0.2)
    assert (plot.bars[2].width, plot.ticks[2].label) == (0, "0")


def test_an_empty_table_is_an_empty_picture() -> None:
    table = NumbersTable("topics", ("questions",), [])
    assert (draw_rows(table).bars, draw_columns(table).bars) == ([], [])
