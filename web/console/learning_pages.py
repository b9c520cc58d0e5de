"""The numbers of the learning loop: each as a picture, as a table, and as a CSV file."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from clinic.learning import MOST_TOPICS, PERIODS
from clinic.numbers import NumbersTable
from content.live_wordings import live_intents
from web.console.access import Visit, needs
from web.console.desk import desk_of
from web.console.numbers_pages import send_csv
from web.console.plots import draw_columns, draw_rows
from web.console.problems import ConsoleProblem
from web.console.studio.drafts import root_of
from web.console.studio.outcomes import note_what_is_live

LYING = ("helped", "asleep")


def setup_learning_pages(blueprint: Blueprint) -> None:
    """Add the page and its files."""
    blueprint.add_route(show_learning, "/numbers/learning", name="learning")
    blueprint.add_route(send_learning, "/numbers/learning/<name:str>/csv", name="learning_csv")


@needs("read_numbers")
async def show_learning(request: Request, visit: Visit) -> HTTPResponse:
    """Show everything that is counted, for the weeks in the address."""
    weeks = _read_weeks(request)
    tables = await asyncio.to_thread(_count, request, weeks)
    drawn = {name: _drawn_part(table) for name, table in tables.items()}
    return desk_of(request).pages.show(
        "console/learning.html",
        visit=visit,
        tables=tables,
        drawn=drawn,
        plots={
            name: draw_rows(table) if name in LYING else draw_columns(table) for name, table in drawn.items()
        },
        lying=LYING,
        weeks=weeks,
        periods=PERIODS,
        since=await asyncio.to_thread(desk_of(request).learning.counted_since),
    )


@needs("read_numbers")
async def send_learning(request: Request, visit: Visit, name: str) -> HTTPResponse:
    """Send one table as a CSV file."""
    weeks = _read_weeks(request)
    table = (await asyncio.to_thread(_count, request, weeks)).get(name)
    if table is None:
        raise ConsoleProblem("page_not_found")
    return send_csv(table, "topic" if name in LYING else "week", f"{name}-{weeks}-weeks.csv")


def _count(request: Request, weeks: int) -> dict[str, NumbersTable]:
    note_what_is_live(request)
    return desk_of(request).learning.count(weeks, live_intents(root_of(request)))


def _drawn_part(table: NumbersTable) -> NumbersTable:
    """Return what the picture shows: the first column, but every verdict; not more rows than can be read."""
    rows = table.rows[-MOST_TOPICS:] if table.name == "asleep" else table.rows
    if table.name == "helped":
        return table
    return replace(table, columns=table.columns[:1], rows=[(label, values[:1]) for label, values in rows])


def _read_weeks(request: Request) -> int:
    weeks = request.args.get("weeks", "12")
    if weeks not in {str(period) for period in PERIODS}:
        raise ConsoleProblem("choice_not_valid")
    return int(weeks)
