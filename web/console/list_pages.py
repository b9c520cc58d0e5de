"""The list of requests: queues, filters, fifty a page, and a search that no address shows."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.lead import SOURCES, STATES, TOPICS
from clinic.lead_filter import AGES, QUEUES, LeadFilter
from web.console.access import Visit, needs, read_field
from web.console.cookies import SEARCH, drop_cookie, set_cookie
from web.console.desk import Desk, desk_of
from web.console.list_filter import LONGEST_SEARCH, read_filter, read_search, write_query
from web.console.places import FOUND_PAGE, LIST_PAGE
from web.console.problems import ConsoleProblem

PAGE_LENGTH = 50


def setup_list_pages(blueprint: Blueprint) -> None:
    """Add the list and the search."""
    blueprint.add_route(show_leads, "/leads", name="leads")
    blueprint.add_route(search_leads, "/leads/search", methods=["POST"], name="search_leads")
    blueprint.add_route(show_found_leads, "/leads/found", name="found_leads")


@needs("read_leads")
async def show_leads(request: Request, visit: Visit) -> HTTPResponse:
    """Show all requests, or those the filters in the address ask for."""
    return await show_list(request, visit, LIST_PAGE, read_filter(request.args))


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
    search = read_search(request)
    if not search:
        return redirect(LIST_PAGE, status=303)
    return await show_list(request, visit, FOUND_PAGE, read_filter(request.args, search))


async def show_list(
    request: Request, visit: Visit, address: str, wanted: LeadFilter, status: int = 200, **notes: Any
) -> HTTPResponse:
    """Return the list's page; `notes` say what was done or could not be done."""
    desk, before = desk_of(request), request.args.get("before")
    try:
        values = await asyncio.to_thread(_read_list, desk, visit, wanted, before)
    except ValueError:  # the request that `before` names is gone
        raise ConsoleProblem("choice_not_valid") from None
    return desk.pages.show(
        "console/leads.html",
        status,
        visit=visit,
        wanted=wanted,
        before=before,
        address=address,
        query=write_query(wanted),
        query_for=lambda **changes: write_query(wanted, **changes),
        longest_search=LONGEST_SEARCH,
        choices={"state": STATES, "age": (*AGES, "older"), "topic": TOPICS, "source": SOURCES},
        queues=QUEUES,
        call_within_hours=request.app.ctx.settings.call_within_hours,
        notes={"done": request.args.get("done", ""), "problem": "", "left_alone": [], "changed": 0, **notes},
        **values,
    )


def _read_list(desk: Desk, visit: Visit, wanted: LeadFilter, before: str | None) -> dict[str, Any]:
    viewer = visit.account.id
    page, state_counts = desk.leads.list_with_counts(PAGE_LENGTH, before, wanted, viewer)
    ids = [lead.id for lead in page.leads]
    accounts = desk.staff.list()
    return {
        "leads": page.leads,
        "total": page.total,
        "next": page.next,
        "queue_counts": desk.leads.count_queues(viewer),
        "state_counts": state_counts,
        "not_notified": desk.outbox.find_stuck(ids),
        "tags": desk.notes.tags_of(ids),
        "all_tags": desk.notes.all_tags(),
        "consent_versions": desk.leads.consent_versions(),
        "views": desk.views.list_for(viewer),
        "names": {account.id: account.name for account in accounts},
        "owners": [
            account
            for account in accounts
            if account.role in ("admin", "staff") and account.name and not account.is_disabled
        ],
    }
