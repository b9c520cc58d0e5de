"""Everything that is stored about one person, as a file to hand to that person."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, text

from web.console.access import Visit, needs
from web.console.desk import Desk, desk_of


def setup_person_pages(blueprint: Blueprint) -> None:
    """Add the download."""
    blueprint.add_route(
        export_person, "/leads/<reference:str>/person", methods=["POST"], name="export_person"
    )


@needs("export_person")
async def export_person(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Send the file; that it was taken is in the audit record."""

    def work(desk: Desk) -> dict[str, Any]:
        lead = desk.leads.find_by_reference(reference)
        return desk.person_file.collect(lead.id, visit.account.id)

    found = await asyncio.to_thread(work, desk_of(request))
    return text(
        json.dumps(found, ensure_ascii=False, indent=1),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="person.json"'},
    )
