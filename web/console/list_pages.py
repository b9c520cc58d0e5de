"""The list of requests: newest first, by state, fifty a page, and a search that no address shows."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.leads import STATES, LeadNotFound, LeadPage
from web.console.access import LIST_PAGE, Visit, needs, read_field
from web.console.cookies import SEARCH, drop_cookie, read_cookie, set_cookie
from web.console.desk import Desk, desk_of
from web.console.notices import is_stuck
from web.console.problems import ConsoleProblem

PAGE_LENGTH = 50
LONGEST_SEARCH = 100  # characters
FOUND_PAGE = f"{LIST_PAGE}/found"


def setup_list_pages(blueprint: Blueprint) -> None:
    """Add the list and the search."""
    blueprint.add_route(show_leads, "/leads", name="leads")
    blueprint.add_route(search_leads, "/leads/search", methods=["POST"], name="search_leads")
    blueprint.add_route(show_found_leads, "/leads/found", name="found_leads")


@needs("read_leads")
async def show_leads(request: Request, visit: Visit) -> HTTPResponse:
    """Show all requests, or those with the state of the address."""
    return await _show_list(request, visit, LIST_PAGE, search=None)


@needs("read_leads")
async def search_leads(request: Request, visit: Visit) -> HTTPResponse:
    """Keep what was searched for in a cookie: names and phone numbers do not belong in an address."""
    search = " ".join(read_field(request, "search").split())[:LONGEST_SEARCH]
    response = redirect(FOUND_PAGE if search else LIST_PAGE, status=303)
    if search:
        set_cookie(request, response, SEARCH, search)
    else:
        drop_cookie(request, response, SEARCH)
    return response


@needs("read_leads")
async def show_found_leads(request: Request, visit: Visit) -> HTTPResponse:
    """Show the requests that match what was searched for last."""
    search = (read_cookie(request, SEARCH) or "")[:LONGEST_SEARCH]
    if not search:
        return redirect(LIST_PAGE, status=303)
    return await _show_list(request, visit, FOUND_PAGE, search)


async def _show_list(request: Request, visit: Visit, address: str, search: str | None) -> HTTPResponse:
    state, before = request.args.get("state"), request.args.get("before")
    if state is not None and state not in STATES:
        raise ConsoleProblem("choice_not_valid")
    desk = desk_of(request)
    try:
        page = await asyncio.to_thread(
            desk.leads.list, limit=PAGE_LENGTH, before=before, state=state, search=search
        )
    except LeadNotFound:  # the request that `before` names is gone
        raise ConsoleProblem("choice_not_valid") from None
    counts = await asyncio.to_thread(_count_by_state, desk, search)
    return desk.pages.show(
        "console/leads.html",
        visit=visit,
        leads=page.leads,
        total=page.total,
        next=page.next,
        counts=counts,
        not_notified=await asyncio.to_thread(_find_not_notified, desk, page),
        state=state,
        before=before,
        search=search,
        address=address,
        longest_search=LONGEST_SEARCH,
    )


def _count_by_state(desk: Desk, search: str | None) -> dict[str, int]:
    return {state: desk.leads.list(limit=1, state=state, search=search).total for state in STATES}


def _find_not_notified(desk: Desk, page: LeadPage) -> set[str]:
    """Return the references of the leads on the page whose notice did not leave."""
    return {lead.reference for lead in page.leads if is_stuck(desk.outbox.list_for(lead.id))}
