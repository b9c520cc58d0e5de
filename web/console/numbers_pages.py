"""The numbers at a glance: each as a picture, as a table, and as a CSV file."""

from __future__ import annotations

import asyncio
import csv
import io

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, text

from clinic.numbers import PERIODS, UNITS, NumbersTable
from web.console.access import Visit, needs
from web.console.desk import desk_of
from web.console.plots import draw_columns, draw_rows
from web.console.problems import ConsoleProblem

LYING = ("topics", "funnel")


def setup_numbers_pages(blueprint: Blueprint) -> None:
    """Add the page of numbers and its files."""
    blueprint.add_route(show_numbers, "/numbers", name="numbers")
    blueprint.add_route(send_numbers, "/numbers/<name:str>/csv", name="numbers_csv")


@needs("read_numbers")
async def show_numbers(request: Request, visit: Visit) -> HTTPResponse:
    """Show everything that is counted, for the period in the address."""
    days, unit = _read_period(request)
    tables = await _count(request, days, unit)
    plots = {
        name: draw_rows(table) if name in LYING else draw_columns(table) for name, table in tables.items()
    }
    return desk_of(request).pages.show(
        "console/numbers.html",
        visit=visit,
        tables=tables,
        plots=plots,
        lying=LYING,
        days=days,
        unit=unit,
        periods=PERIODS,
        units=UNITS,
    )


@needs("read_numbers")
async def send_numbers(request: Request, visit: Visit, name: str) -> HTTPResponse:
    """Send one table as a CSV file."""
    days, unit = _read_period(request)
    table = (await _count(request, days, unit)).get(name)
    if table is None:
        raise ConsoleProblem("page_not_found")
    return send_csv(table, unit if name not in LYING else name, f"{name}-{days}-days.csv")


def send_csv(table: NumbersTable, first_column: str, file_name: str) -> HTTPResponse:
    """Return a table as a CSV file."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([first_column, *table.columns])
    writer.writerows([label, *values] for label, values in table.rows)
    return text(
        file.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


async def _count(request: Request, days: int, unit: str) -> dict[str, NumbersTable]:
    return await asyncio.to_thread(desk_of(request).numbers.count, days, unit)


def _read_period(request: Request) -> tuple[int, str]:
    days, unit = request.args.get("days", "30"), request.args.get("unit", "day")
    if days not in {str(period) for period in PERIODS} or unit not in UNITS:
        raise ConsoleProblem("choice_not_valid")
    return int(days), unit
