"""The inbox: what visitors asked and did not get answered well, and what to do about it."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.inbox import SHOWN, STATES, QuestionChangedMeanwhile, QuestionNotFound
from clinic.inbox_collector import NAME as COLLECTOR
from web.console.access import Visit, needs, read_field, read_version
from web.console.desk import desk_of
from web.console.places import INBOX_PAGE
from web.console.problems import ConsoleProblem


def setup_inbox_pages(blueprint: Blueprint) -> None:
    """Add the list and its one form."""
    blueprint.add_route(show_inbox, "/studio/inbox", name="inbox")
    blueprint.add_route(decide, "/studio/inbox/<question:str>/state", methods=["POST"], name="inbox_state")


@needs("use_inbox")
async def show_inbox(request: Request, visit: Visit) -> HTTPResponse:
    """Show the questions of the kind in the address, those of most visitors first."""
    return await _show(request, visit)


@needs("use_inbox")
async def decide(request: Request, visit: Visit, question: str) -> HTTPResponse:
    """Set a question's state and go back to the list, which offers to take it back."""
    state, version = read_field(request, "state"), read_version(request)
    if state not in STATES:
        raise ConsoleProblem("choice_not_valid")
    inbox = desk_of(request).inbox
    try:
        changed = await asyncio.to_thread(inbox.decide, question, version, state, visit.account.id)
    except QuestionChangedMeanwhile:
        return await _show(request, visit, 409, problem="changed_meanwhile")
    except QuestionNotFound:
        return await _show(request, visit, 404, problem="gone")
    show = request.args.get("show", "open")
    show = show if show in SHOWN else "open"
    return redirect(
        f"{INBOX_PAGE}?show={show}&done={state}&question={question}&version={changed}", status=303
    )


async def _show(request: Request, visit: Visit, status: int = 200, **more: Any) -> HTTPResponse:
    desk = desk_of(request)
    show, page = request.args.get("show", "open"), request.args.get("page", "1")
    if show not in SHOWN or not (page.isascii() and page.isdigit() and 0 < int(page) < 10_000):
        raise ConsoleProblem("choice_not_valid")
    found = await asyncio.to_thread(desk.inbox.list, show, int(page))
    return desk.pages.show(
        "console/studio/inbox.html",
        status,
        visit=visit,
        found=found,
        show=show,
        shown=SHOWN,
        page=int(page),
        last_collected=await asyncio.to_thread(desk.heartbeats.last, COLLECTOR),
        done=request.args.get("done") if request.method == "GET" else None,
        undo=_read_undo(request),
        **more,
    )


def _read_undo(request: Request) -> tuple[str, str] | None:
    """Return the question and version that the last decision can be taken back for."""
    question, version = request.args.get("question", ""), request.args.get("version", "")
    is_whole = question and version.isascii() and version.isdigit()
    return (question, version) if is_whole else None
