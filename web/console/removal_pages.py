"""Taking a person out of the records: asked for twice, by an administrator."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.leads import LeadChangedMeanwhile
from web.console.access import Visit, needs, read_field, read_version
from web.console.desk import Desk, desk_of
from web.console.lead_file import show_file
from web.console.places import LIST_PAGE


def setup_removal_pages(blueprint: Blueprint) -> None:
    """Add the two forms."""
    blueprint.add_route(
        anonymise_lead, "/leads/<reference:str>/anonymise", methods=["POST"], name="anonymise"
    )
    blueprint.add_route(delete_lead, "/leads/<reference:str>/delete", methods=["POST"], name="delete_lead")


@needs("remove_leads")
async def anonymise_lead(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Remove who it was; what happened stays for the numbers."""
    return await _remove(request, visit, reference, is_deletion=False)


@needs("remove_leads")
async def delete_lead(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Delete the request with everything around it."""
    return await _remove(request, visit, reference, is_deletion=True)


async def _remove(request: Request, visit: Visit, reference: str, is_deletion: bool) -> HTTPResponse:
    version, desk = read_version(request), desk_of(request)
    if read_field(request, "confirmed") != "yes":
        return await show_file(request, visit, reference, 400, problem="not_confirmed")

    def work(desk: Desk) -> list[str]:
        lead = desk.leads.find_by_reference(reference)
        remove = desk.removal.delete if is_deletion else desk.removal.anonymise
        return remove(lead.id, version, visit.account.id)

    try:
        engine_ids = await asyncio.to_thread(work, desk)
    except LeadChangedMeanwhile:
        return await show_file(request, visit, reference, 409, problem="changed_meanwhile")
    for engine_id in engine_ids:
        desk.forgetting.start(engine_id)
    done = "deleted" if is_deletion else "anonymised"
    return redirect(f"{LIST_PAGE}?done={done}", status=303)
