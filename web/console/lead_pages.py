"""One request: who it is, how to reach them, what was said, and the change of its state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.conversations import Message
from clinic.leads import STATES, Lead, LeadChangedMeanwhile
from web.console.access import LIST_PAGE, Visit, needs, read_field
from web.console.desk import Desk, desk_of
from web.console.history import History, arrange_history
from web.console.notices import is_stuck
from web.console.problems import ConsoleProblem


@dataclass(frozen=True)
class LeadFile:
    """Everything one request's page shows."""

    lead: Lead
    messages: list[Message]
    history: History
    not_notified: bool


def setup_lead_pages(blueprint: Blueprint) -> None:
    """Add the page of one request and its form."""
    blueprint.add_route(show_lead, "/leads/<reference:str>", name="lead")
    blueprint.add_route(change_state, "/leads/<reference:str>/state", methods=["POST"], name="change_state")


@needs("read_leads")
async def show_lead(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Show the request with `reference`. Looking is recorded: who saw whose details must be traceable."""
    return await _show_file(request, visit, reference, saved="saved" in request.args)


@needs("change_leads")
async def change_state(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Set the state, unless somebody else changed the request since the form was shown."""
    state, version = read_field(request, "state"), read_field(request, "version")
    if state not in STATES or not (version.isascii() and version.isdigit() and len(version) < 10):
        raise ConsoleProblem("choice_not_valid")
    try:
        await asyncio.to_thread(
            _set_state, desk_of(request), visit.account.id, reference, state, int(version)
        )
    except LeadChangedMeanwhile:
        return await _show_file(request, visit, reference, status=409, conflict=True)
    return redirect(f"{LIST_PAGE}/{reference}?saved=1", status=303)


def _set_state(desk: Desk, actor: str, reference: str, state: str, version: int) -> None:
    lead = desk.leads.find_by_reference(reference)
    desk.leads.set_state(lead.id, state, version, actor)


async def _show_file(
    request: Request,
    visit: Visit,
    reference: str,
    status: int = 200,
    saved: bool = False,
    conflict: bool = False,
) -> HTTPResponse:
    desk = desk_of(request)
    file = await asyncio.to_thread(_open_file, desk, reference, visit.account.id)
    return desk.pages.show(
        "console/lead.html",
        status,
        visit=visit,
        lead=file.lead,
        messages=file.messages,
        history=file.history,
        not_notified=file.not_notified,
        states=STATES,
        saved=saved,
        conflict=conflict,
    )


def _open_file(desk: Desk, reference: str, actor: str) -> LeadFile:
    """Read the request and record the look; raises LeadNotFound, StorageUnavailable."""
    lead = desk.leads.find_by_reference(reference)
    desk.leads.record_view(lead.id, actor)
    names = {account.id: account.name for account in desk.staff.list()}
    return LeadFile(
        lead=lead,
        messages=desk.conversations.transcript_for_lead(lead.id),
        history=arrange_history(desk.audit.list_for("lead", lead.id), names),
        not_notified=is_stuck(desk.outbox.list_for(lead.id)),
    )
