"""The inbox: what visitors asked and did not get answered well, and what to do about it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.inbox import SHOWN
from clinic.inbox_collector import NAME as COLLECTOR
from clinic.inbox_decisions import STATES, QuestionChangedMeanwhile, QuestionNotFound
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.places import INBOX_PAGE
from web.console.problems import ConsoleProblem
from web.console.studio.chosen import MOST, chosen_query, posted_chosen, read_chosen
from web.console.studio.outcomes import find_fates, note_what_is_live

# What leads to another page first: there a person reads each wording before it is written anywhere.
WRITING = {
    "add": f"{INBOX_PAGE}/write?",
    "out_of_scope": f"{INBOX_PAGE}/write?place=safety%2Fout_of_scope&",
    "new": "/console/studio/new?",
}

_PLACE = re.compile(r"[a-z0-9_]{1,80}/[a-z0-9_]{1,80}")


def setup_inbox_pages(blueprint: Blueprint) -> None:
    """Add the list and its one form."""
    blueprint.add_route(show_inbox, "/studio/inbox", name="inbox")
    blueprint.add_route(decide, "/studio/inbox", methods=["POST"], name="inbox_decide")


@needs("use_inbox")
async def show_inbox(request: Request, visit: Visit) -> HTTPResponse:
    """Show the clusters of the kind in the address, those of most visitors first."""
    return await _show(request, visit)


@needs("use_inbox")
async def decide(request: Request, visit: Visit) -> HTTPResponse:
    """Do with the ticked wordings what was wished, or go to the page where they are read and written."""
    chosen, wish = posted_chosen(request), read_field(request, "wish")
    if not chosen:
        return await _show(request, visit, 400, problem="nothing_chosen")
    if wish in WRITING:
        return redirect(WRITING[wish] + chosen_query(chosen), status=303)
    if wish not in STATES:
        raise ConsoleProblem("choice_not_valid")
    decisions = desk_of(request).inbox_decisions
    try:
        changed = await asyncio.to_thread(decisions.decide, chosen, wish, visit.account.id)
    except QuestionChangedMeanwhile:
        return await _show(request, visit, 409, problem="changed_meanwhile")
    except QuestionNotFound:
        return await _show(request, visit, 404, problem="gone")
    show = request.args.get("show", "open")
    show = show if show in SHOWN else "open"
    return redirect(f"{INBOX_PAGE}?show={show}&done={wish}&{chosen_query(changed, 'undo')}", status=303)


async def _show(request: Request, visit: Visit, status: int = 200, **more: Any) -> HTTPResponse:
    desk = desk_of(request)
    show, page = request.args.get("show", "open"), request.args.get("page", "1")
    if show not in SHOWN or not (page.isascii() and page.isdigit() and 0 < int(page) < 10_000):
        raise ConsoleProblem("choice_not_valid")
    if show == "handled":
        await asyncio.to_thread(note_what_is_live, request)
    found = await asyncio.to_thread(desk.inbox.list_page, show, int(page))
    wordings = [wording for cluster in found.clusters for wording in cluster.wordings]
    return desk.pages.show(
        "console/studio/inbox.html",
        status,
        visit=visit,
        found=found,
        show=show,
        shown=SHOWN,
        page=int(page),
        most=MOST,
        fates=await asyncio.to_thread(find_fates, request, wordings),
        waiting=await asyncio.to_thread(desk.inbox.count, "urgent"),
        last_collected=await asyncio.to_thread(desk.heartbeats.last, COLLECTOR),
        done=request.args.get("done") if request.method == "GET" else None,
        written_to=_read_place(request),
        undo=read_chosen(request.args.getlist("undo", [])),
        **more,
    )


def _read_place(request: Request) -> str:
    place = request.args.get("place", "")
    return place if _PLACE.fullmatch(place) else ""
