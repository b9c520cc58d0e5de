"""The people of the console, for administrators: invite, change a role, take access away and give it back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.people import AccountNotFound, LastAdmin
from clinic.staff import ROLES
from web.console.access import Visit, needs, read_field
from web.console.desk import Desk, desk_of
from web.console.places import PEOPLE_PAGE
from web.console.problems import ConsoleProblem

Change = Callable[[Desk, str, str], None]
CHANGES: dict[str, Change] = {
    "disable": lambda desk, person, actor: desk.people.disable(person, actor),
    "enable": lambda desk, person, actor: desk.people.enable(person, actor),
    "sign-out": lambda desk, person, actor: desk.people.sign_out_everywhere(person, actor),
    "reset-second-step": lambda desk, person, actor: desk.second_step.reset(person, actor),
}


def setup_people_pages(blueprint: Blueprint) -> None:
    """Add the page of all people and its forms."""
    blueprint.add_route(show_people, "/people", name="people")
    blueprint.add_route(invite, "/people", methods=["POST"], name="invite")
    blueprint.add_route(renew_link, "/people/<person:str>/link", methods=["POST"], name="renew_link")
    blueprint.add_route(set_role, "/people/<person:str>/role", methods=["POST"], name="set_role")
    blueprint.add_route(
        change_person, "/people/<person:str>/<change:str>", methods=["POST"], name="change_person"
    )


@needs("manage_people")
async def show_people(request: Request, visit: Visit) -> HTTPResponse:
    """Show everybody who has or had an account."""
    return await _show(request, visit)


@needs("manage_people")
async def invite(request: Request, visit: Visit) -> HTTPResponse:
    """Make an account and show its one-time link, this one time."""
    role = _read_role(request)
    token = await asyncio.to_thread(desk_of(request).staff.invite, role, visit.account.id)
    return await _show(request, visit, link=_address(request, token))


@needs("manage_people")
async def renew_link(request: Request, visit: Visit, person: str) -> HTTPResponse:
    """Make a new one-time link for a lost one or a lost password."""
    try:
        token = await asyncio.to_thread(desk_of(request).staff.renew_link, person, visit.account.id)
    except AccountNotFound:
        raise ConsoleProblem("person_not_found") from None
    return await _show(request, visit, link=_address(request, token))


@needs("manage_people")
async def set_role(request: Request, visit: Visit, person: str) -> HTTPResponse:
    """Give a person another role."""
    role = _read_role(request)
    return await _change(request, visit, lambda desk, actor: desk.people.set_role(person, role, actor))


@needs("manage_people")
async def change_person(request: Request, visit: Visit, person: str, change: str) -> HTTPResponse:
    """Do one of CHANGES to a person."""
    if change not in CHANGES:
        raise ConsoleProblem("page_not_found")
    return await _change(request, visit, lambda desk, actor: CHANGES[change](desk, person, actor))


async def _change(request: Request, visit: Visit, work: Callable[[Desk, str], None]) -> HTTPResponse:
    try:
        await asyncio.to_thread(work, desk_of(request), visit.account.id)
    except LastAdmin:
        return await _show(request, visit, status=409, is_last_admin=True)
    except AccountNotFound:
        raise ConsoleProblem("person_not_found") from None
    return redirect(PEOPLE_PAGE, status=303)


def _read_role(request: Request) -> str:
    role = read_field(request, "role")
    if role not in ROLES:
        raise ConsoleProblem("choice_not_valid")
    return role


def _address(request: Request, token: str) -> str:
    return f"{request.app.ctx.settings.public_url}/console/welcome/{token}"


async def _show(
    request: Request, visit: Visit, status: int = 200, link: str = "", is_last_admin: bool = False
) -> HTTPResponse:
    desk = desk_of(request)
    people = await asyncio.to_thread(desk.staff.list)
    return desk.pages.show(
        "console/people.html",
        status,
        visit=visit,
        people=people,
        roles=ROLES,
        link=link,
        is_last_admin=is_last_admin,
    )
