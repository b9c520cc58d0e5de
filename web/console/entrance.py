"""Coming in and going out: the one-time set-up link, signing in, signing out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.contact import ContactUnclear, read_email, read_name
from clinic.passwords import check_password
from clinic.staff import EmailTaken, LinkNotValid, PasswordTooWeak, SignInRefused, StaffSession
from web.console.access import (
    LIST_PAGE,
    SIGN_IN_PAGE,
    Visit,
    check_form_token,
    find_visit,
    needs,
    read_field,
    read_return_path,
)
from web.console.cookies import FORM, SEARCH, SESSION, drop_cookie, read_cookie, set_cookie
from web.console.desk import desk_of
from web.console.problems import ConsoleProblem


def setup_entrance(blueprint: Blueprint) -> None:
    """Add the pages for signing in and out."""
    blueprint.add_route(show_console, "/", name="console")
    blueprint.add_route(show_sign_in, "/sign-in", name="sign_in")
    blueprint.add_route(sign_in, "/sign-in", methods=["POST"], name="send_sign_in")
    blueprint.add_route(sign_out, "/sign-out", methods=["POST"], name="sign_out")
    blueprint.add_route(show_welcome, "/welcome/<link:str>", name="welcome")
    blueprint.add_route(accept_welcome, "/welcome/<link:str>", methods=["POST"], name="send_welcome")


@needs(None)
async def show_console(request: Request, visit: Visit) -> HTTPResponse:
    """Send a signed-in person to the list."""
    return redirect(LIST_PAGE, status=303)


async def show_sign_in(request: Request) -> HTTPResponse:
    """Show the sign-in form, or go on when the browser already has a session."""
    go_on = read_return_path(request.args.get("next"))
    if await find_visit(request) is not None:
        return redirect(go_on, status=303)
    return _show_sign_in_form(request, go_on, ended="ended" in request.args, left="left" in request.args)


async def sign_in(request: Request) -> HTTPResponse:
    """Start a session for the right e-mail and password; one answer for everything that is not right."""
    check_form_token(request, read_cookie(request, FORM))
    request.app.ctx.limits.check(request, "sign_in")
    email, go_on = read_field(request, "email"), read_return_path(read_field(request, "next"))
    staff = desk_of(request).staff
    try:
        session = await asyncio.to_thread(staff.sign_in, email, read_field(request, "password"))
    except SignInRefused:
        return _show_sign_in_form(request, go_on, email=email, refused=True)
    return await _let_in(request, session, go_on)


async def sign_out(request: Request) -> HTTPResponse:
    """End the session, here and in the database."""
    visit, token = await find_visit(request), read_cookie(request, SESSION)
    if visit is not None and token is not None:
        check_form_token(request, visit.form_token)
        await asyncio.to_thread(desk_of(request).staff.sign_out, token)
    response = redirect(f"{SIGN_IN_PAGE}?left=1", status=303)
    for name in (SESSION, SEARCH):
        drop_cookie(request, response, name)
    return response


async def show_welcome(request: Request, link: str) -> HTTPResponse:
    """Show the set-up form. Only sending it uses the link up: a mail scanner may open it first."""
    await _check_link(request, link)
    return _show_welcome_form(request)


async def accept_welcome(request: Request, link: str) -> HTTPResponse:
    """Set name, e-mail and password for the account behind the link, and sign in."""
    check_form_token(request, read_cookie(request, FORM))
    request.app.ctx.limits.check(request, "sign_in")
    await _check_link(request, link)
    wrong = _find_wrong_fields(request)
    if wrong:
        return _show_welcome_form(request, wrong)
    name, email, password = (read_field(request, field) for field in ("name", "email", "password"))
    staff = desk_of(request).staff
    try:
        await asyncio.to_thread(staff.accept_link, link, name, email, password)
        session = await asyncio.to_thread(staff.sign_in, email, password)
    except EmailTaken:
        return _show_welcome_form(request, {"email": "email_taken"})
    except LinkNotValid:
        raise ConsoleProblem("link_not_valid") from None
    except SignInRefused:  # the account is set up, but too many tries have locked its address for a while
        return redirect(SIGN_IN_PAGE, status=303)
    return await _let_in(request, session, LIST_PAGE)


async def _check_link(request: Request, link: str) -> None:
    try:
        await asyncio.to_thread(desk_of(request).staff.check_link, link)
    except LinkNotValid:
        raise ConsoleProblem("link_not_valid") from None


def _find_wrong_fields(request: Request) -> dict[str, str]:
    """Return what is wrong as codes by field name, for all fields at once; empty when all can be used."""
    email = read_field(request, "email")
    checks: dict[str, Callable[[str], object]] = {
        "name": read_name,
        "email": read_email,
        "password": lambda password: check_password(password, email.strip()),
    }
    wrong: dict[str, str] = {}
    for field, check in checks.items():
        try:
            check(read_field(request, field))
        except (ContactUnclear, PasswordTooWeak) as problem:
            wrong[field] = problem.code
    return wrong


async def _let_in(request: Request, session: StaffSession, go_on: str) -> HTTPResponse:
    """Give the browser its new session; an older one of the same browser ends."""
    if old := read_cookie(request, SESSION):
        await asyncio.to_thread(desk_of(request).staff.sign_out, old)
    response = redirect(go_on, status=303)
    set_cookie(request, response, SESSION, session.token)
    for name in (FORM, SEARCH):
        drop_cookie(request, response, name)
    return response


def _show_sign_in_form(request: Request, go_on: str, email: str = "", **notes: bool) -> HTTPResponse:
    words = {"refused": False, "ended": False, "left": False, **notes}
    return _show_form(
        request,
        "console/sign_in.html",
        status=403 if words["refused"] else 200,
        next=go_on,
        email=email,
        idle_minutes=request.app.ctx.settings.console_idle_minutes,
        **words,
    )


def _show_welcome_form(request: Request, wrong: dict[str, str] | None = None) -> HTTPResponse:
    return _show_form(
        request,
        "console/welcome.html",
        status=400 if wrong else 200,
        wrong=wrong or {},
        name=read_field(request, "name"),
        email=read_field(request, "email"),
    )


def _show_form(request: Request, template: str, status: int, **values: object) -> HTTPResponse:
    """Show a form for somebody without a session.

    Its token is also in a cookie that another site can neither read nor set (double submit). A token the
    browser already has is used again, so that two open tabs both work.
    """
    token = read_cookie(request, FORM) or secrets.token_urlsafe(32)
    page = desk_of(request).pages.show(template, status, visit=None, form_token=token, **values)
    set_cookie(request, page, FORM, token)
    return page
