"""Everything one request's page shows, read in one go; looking is recorded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from clinic.account import Account
from clinic.calling_rules import CallCheck, check_call
from clinic.conversations import Message
from clinic.lead_desk import OUTCOMES, LeadCall
from clinic.lead_notes import LONGEST_NOTE, LeadNote
from clinic.leads import STATES, Lead
from clinic.outbox import Notification
from web.console.access import Visit
from web.console.desk import Desk, desk_of
from web.console.history import History, arrange_history
from web.console.talk import mark_form_turns


@dataclass(frozen=True)
class LeadFile:
    """One request with everything around it. `names` are the staff members' names by their id."""

    lead: Lead
    messages: list[Message]
    form_turns: set[str]
    history: History
    notices: list[Notification]
    calls: list[LeadCall]
    call_check: CallCheck | None
    notes: list[LeadNote]
    tags: list[str]
    draft: str
    duplicates: list[Lead]
    merged: list[Lead]
    merged_into: Lead | None
    names: dict[str, str]
    owners: list[Account]


async def show_file(
    request: Request, visit: Visit, reference: str, status: int = 200, **notes: Any
) -> HTTPResponse:
    """Return the page of a request; `notes` say what was done, or what was wrong and what had been typed.

    Raises LeadNotFound, StorageUnavailable.
    """
    desk = desk_of(request)
    file = await asyncio.to_thread(open_file, desk, reference, visit.account.id)
    return desk.pages.show(
        "console/lead.html",
        status,
        visit=visit,
        file=file,
        lead=file.lead,
        messages=file.messages,
        states=STATES,
        outcomes=OUTCOMES,
        longest_note=LONGEST_NOTE,
        notes={"done": request.args.get("done", ""), "problem": "", "typed": {}, **notes},
    )


def open_file(desk: Desk, reference: str, actor: str) -> LeadFile:
    """Read the request and record the look; raises LeadNotFound, StorageUnavailable."""
    lead = desk.leads.find_by_reference(reference)
    desk.leads.record_view(lead.id, actor)
    accounts = desk.staff.list()
    names = {account.id: account.name for account in accounts}
    messages = desk.conversations.transcript_for_lead(lead.id)
    return LeadFile(
        lead=lead,
        messages=messages,
        form_turns=mark_form_turns(messages),
        history=arrange_history(desk.audit.list_for("lead", lead.id), names),
        notices=desk.outbox.list_for(lead.id),
        calls=desk.lead_desk.list_calls(lead.id),
        call_check=_check_call(desk, lead),
        notes=desk.notes.list_for(lead.id),
        tags=desk.notes.tags_of([lead.id]).get(lead.id, []),
        draft=desk.notes.find_draft(lead.id, actor),
        duplicates=desk.duplicates.find(lead),
        merged=desk.duplicates.find_merged(lead.id),
        merged_into=desk.duplicates.find_target(lead),
        names=names,
        owners=[
            account
            for account in accounts
            if account.role in ("admin", "staff") and account.name and not account.is_disabled
        ],
    )


def _check_call(desk: Desk, lead: Lead) -> CallCheck | None:
    if lead.phone is None:
        return None
    now = datetime.now(UTC)
    calls = desk.lead_desk.calls_to(lead.phone, since=now - timedelta(hours=24))
    return check_call(lead.phone, calls, now, desk.zone)
