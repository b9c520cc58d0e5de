"""What can be done from the list: change many requests at once, and keep a view under a name."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.lead_bulk import MOST_AT_ONCE
from clinic.lead_desk import OwnerNotPossible
from clinic.lead_filter import NOBODY
from clinic.saved_views import ViewNotSaved
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.list_filter import read_filter, write_query
from web.console.list_pages import show_list
from web.console.places import LIST_PAGE
from web.console.problems import ConsoleProblem


def setup_list_actions(blueprint: Blueprint) -> None:
    """Add the list's forms."""
    blueprint.add_route(change_many, "/leads/bulk", methods=["POST"], name="change_many")
    blueprint.add_route(save_view, "/views", methods=["POST"], name="save_view")
    blueprint.add_route(delete_view, "/views/<view:str>/delete", methods=["POST"], name="delete_view")


@needs("change_leads")
async def change_many(request: Request, visit: Visit) -> HTTPResponse:
    """Give the ticked requests to a person, or close them; what changed meanwhile is left alone and said."""
    chosen, wanted = _read_chosen(request), read_filter(request.form or {})
    if not chosen:
        return await show_list(request, visit, LIST_PAGE, wanted, 400, problem="nothing_chosen")
    bulk, actor, action = desk_of(request).bulk, visit.account.id, read_field(request, "action")
    try:
        if action == "assign":
            owner = read_field(request, "new_owner")
            left = await asyncio.to_thread(bulk.assign, chosen, None if owner == NOBODY else owner, actor)
        elif action == "close":
            left = await asyncio.to_thread(bulk.close, chosen, actor)
        else:
            raise ConsoleProblem("choice_not_valid")
    except OwnerNotPossible:
        return await show_list(request, visit, LIST_PAGE, wanted, 400, problem="owner_not_possible")
    if left:
        return await show_list(
            request, visit, LIST_PAGE, wanted, 409, left_alone=left, changed=len(chosen) - len(left)
        )
    return redirect(f"{LIST_PAGE}{write_query(wanted, done=action)}", status=303)


@needs("read_leads")
async def save_view(request: Request, visit: Visit) -> HTTPResponse:
    """Keep the filters under a name."""
    wanted, views = read_filter(request.form or {}), desk_of(request).views
    try:
        await asyncio.to_thread(views.save, visit.account.id, read_field(request, "name"), wanted)
    except ViewNotSaved:
        return await show_list(request, visit, LIST_PAGE, wanted, 400, problem="view_not_saved")
    return redirect(f"{LIST_PAGE}{write_query(wanted, done='view')}", status=303)


@needs("read_leads")
async def delete_view(request: Request, visit: Visit, view: str) -> HTTPResponse:
    """Delete one of the person's own views."""
    await asyncio.to_thread(desk_of(request).views.delete, visit.account.id, view)
    return redirect(LIST_PAGE, status=303)


def _read_chosen(request: Request) -> dict[str, int]:
    """Return the ticked requests as reference and version, written "OPTC-7KM4XW:3" in the form."""
    ticked = request.form.getlist("chosen", []) if request.form else []
    chosen: dict[str, int] = {}
    for entry in ticked:
        reference, _, version = str(entry).partition(":")
        if not (version.isascii() and version.isdigit() and len(version) < 10):
            raise ConsoleProblem("choice_not_valid")
        chosen[reference] = int(version)
    if len(chosen) > MOST_AT_ONCE:
        raise ConsoleProblem("choice_not_valid")
    return chosen
