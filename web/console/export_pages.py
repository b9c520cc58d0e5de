"""The list as a file: CSV or JSON, of what the filters and the search ask for, sent while it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime

from sanic import Blueprint, Request

from clinic.lead_export import ExportOrder, write_csv, write_json
from web.console.access import Visit, needs
from web.console.desk import desk_of
from web.console.list_filter import read_filter, read_search
from web.console.problems import ConsoleProblem

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def setup_export_pages(blueprint: Blueprint) -> None:
    """Add the download of all requests, and of those found by the last search."""
    blueprint.add_route(export_leads, "/leads/export/<file_format:str>", name="export_leads")
    blueprint.add_route(export_found, "/leads/found/export/<file_format:str>", name="export_found")


@needs("export_leads")
async def export_leads(request: Request, visit: Visit, file_format: str) -> None:
    """Send the requests the filters ask for."""
    await _send(request, visit, file_format, search="")


@needs("export_leads")
async def export_found(request: Request, visit: Visit, file_format: str) -> None:
    """Send the requests that match what was searched for last."""
    await _send(request, visit, file_format, search=read_search(request))


async def _send(request: Request, visit: Visit, file_format: str, search: str) -> None:
    if file_format not in CONTENT_TYPES:
        raise ConsoleProblem("page_not_found")
    desk = desk_of(request)
    wanted = read_filter(request.args, search)
    order = ExportOrder(wanted, visit.account.id, desk.call_within, desk.zone)
    await asyncio.to_thread(desk.export.record, order, file_format)
    pieces = _write(desk.export.chunks(order), file_format)
    first = await asyncio.to_thread(next, pieces)  # what fails fails before the answer begins
    name = f"requests-{datetime.now(desk.zone):%Y-%m-%d}.{file_format}"
    response = await request.respond(
        content_type=CONTENT_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    piece: str | None = first
    while piece is not None:
        await response.send(piece)
        piece = await asyncio.to_thread(next, pieces, None)
    await response.eof()


def _write(chunks: Iterator[list[dict[str, str]]], file_format: str) -> Iterator[str]:
    if file_format == "csv":
        yield "\ufeff" + write_csv([], with_header=True)  # the mark tells spreadsheets that it is UTF-8
        yield from (write_csv(chunk, with_header=False) for chunk in chunks)
        return
    yield "["
    for number, chunk in enumerate(chunks):
        yield ("\n" if number == 0 else ",\n") + write_json(chunk)
    yield "\n]\n"
