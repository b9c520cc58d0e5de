"""A person's own account: the second step, recovery codes, the password, signing out everywhere."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import segno
from markupsafe import Markup
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.passwords import PasswordTooWeak
from clinic.second_step import CodeWrong
from clinic.staff import SignInRefused
from web.console.access import Visit, needs, read_field
from web.console.cookies import SESSION, drop_cookie
from web.console.desk import desk_of
from web.console.places import ACCOUNT_PAGE, SIGN_IN_PAGE
from web.console.problems import ConsoleProblem


def setup_account_pages(blueprint: Blueprint) -> None:
    """Add the account page and its forms."""
    posts = {
        "second-step/confirm": confirm_second_step,
        "second-step/off": turn_second_step_off,
        "recovery-codes": renew_recovery_codes,
        "password": change_password,
        "sign-out-everywhere": sign_out_everywhere,
    }
    blueprint.add_route(show_account, "/account", name="account")
    blueprint.add_route(show_second_step_setup, "/account/second-step", name="second_step_setup")
    for path, handler in posts.items():
        blueprint.add_route(handler, f"/account/{path}", methods=["POST"], name=handler.__name__)


@needs("own_account")
async def show_account(request: Request, visit: Visit) -> HTTPResponse:
    """Show the person's account."""
    return await _show(request, visit, is_required="required" in request.args)


@needs("own_account")
async def show_second_step_setup(request: Request, visit: Visit) -> HTTPResponse:
    """Show the QR code for an authenticator app, and the secret for typing."""
    if visit.account.has_second_step:
        return redirect(ACCOUNT_PAGE, status=303)
    return await _show_setup(request, visit)


@needs("own_account")
async def confirm_second_step(request: Request, visit: Visit) -> HTTPResponse:
    """Turn the second step on with a first code, and show the recovery codes this one time."""
    second_step = desk_of(request).second_step
    try:
        codes = await asyncio.to_thread(second_step.confirm, visit.account.id, read_field(request, "code"))
    except CodeWrong:
        return await _show_setup(request, visit, is_wrong=True)
    return _show_codes(request, visit, codes)


@needs("own_account")
async def renew_recovery_codes(request: Request, visit: Visit) -> HTTPResponse:
    """Make new recovery codes and show them this one time."""
    if not visit.account.has_second_step:
        raise ConsoleProblem("choice_not_valid")
    codes = await asyncio.to_thread(desk_of(request).second_step.renew_recovery_codes, visit.account.id)
    return _show_codes(request, visit, codes)


@needs("own_account")
async def turn_second_step_off(request: Request, visit: Visit) -> HTTPResponse:
    """Turn the second step off, with a code."""
    second_step, code = desk_of(request).second_step, read_field(request, "code")
    try:
        await asyncio.to_thread(second_step.turn_off, visit.account.id, code)
    except (CodeWrong, SignInRefused):
        return await _show(request, visit, status=403, wrong="code")
    return redirect(ACCOUNT_PAGE, status=303)


@needs("own_account")
async def change_password(request: Request, visit: Visit) -> HTTPResponse:
    """Change the password; every session ends, so that one signs in anew with it."""
    people = desk_of(request).people
    current, new = read_field(request, "current"), read_field(request, "password")
    request.app.ctx.limits.check(request, "sign_in")
    try:
        await asyncio.to_thread(people.change_password, visit.account.id, current, new)
    except SignInRefused:
        return await _show(request, visit, status=403, wrong="current")
    except PasswordTooWeak as problem:
        return await _show(request, visit, status=400, wrong=problem.code)
    return _leave(request)


@needs("own_account")
async def sign_out_everywhere(request: Request, visit: Visit) -> HTTPResponse:
    """End every session of this person, this one too."""
    person = visit.account.id
    await asyncio.to_thread(desk_of(request).people.sign_out_everywhere, person, person)
    return _leave(request)


def _leave(request: Request) -> HTTPResponse:
    response = redirect(f"{SIGN_IN_PAGE}?left=1", status=303)
    drop_cookie(request, response, SESSION)
    return response


async def _show(
    request: Request, visit: Visit, status: int = 200, wrong: str = "", is_required: bool = False
) -> HTTPResponse:
    desk = desk_of(request)
    left = await asyncio.to_thread(desk.second_step.count_recovery_codes, visit.account.id)
    values: dict[str, Any] = {"wrong": wrong, "is_required": is_required, "codes_left": left}
    return desk.pages.show("console/account.html", status, visit=visit, **values)


async def _show_setup(request: Request, visit: Visit, is_wrong: bool = False) -> HTTPResponse:
    desk = desk_of(request)
    setup = await asyncio.to_thread(desk.second_step.begin, visit.account.id)
    picture = segno.make(setup.address, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", lineclass=None, svgclass="qr-code"
    )
    size = math.ceil(len(setup.secret) / 4)
    groups = [setup.secret[place * 4 : place * 4 + 4] for place in range(size)]
    return desk.pages.show(
        "console/second_step_setup.html",
        400 if is_wrong else 200,
        visit=visit,
        picture=Markup(picture),  # made by segno from our own address: holds no text of anybody
        secret=" ".join(groups),
        is_wrong=is_wrong,
    )


def _show_codes(request: Request, visit: Visit, codes: list[str]) -> HTTPResponse:
    return desk_of(request).pages.show("console/recovery_codes.html", visit=visit, codes=codes)
