"""Coming in and going out: the one-time set-up link, signing in with both steps, signing out."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.contact import ContactUnclear, read_email, read_name
from clinic.lead import LeadNotFound
from clinic.passwords import check_password
from clinic.second_step import CodeWrong
from clinic.staff import EmailTaken, LinkNotValid, PasswordTooWeak, SignInRefused, StaffSession
from web.console.access import Visit, check_form_token, find_visit, needs, read_field, read_return_path
from web.console.cookies import FORM, GO_ON, SEARCH, SESSION, drop_cookie, read_cookie, set_cookie
from web.console.desk import Desk, desk_of
from web.console.places import CONVERSATIONS_PAGE, LIST_PAGE, SECOND_STEP_PAGE, SIGN_IN_PAGE
from web.console.problems import ConsoleProblem
from web.console.sign_in_form import show_open_form, show_sign_in_form


def setup_entrance(blueprint: Blueprint) -> None:
    """Add the pages for signing in and out."""
    blueprint.add_route(show_console, "/", name="console")
    blueprint.add_route(show_sign_in, "/sign-in", name="sign_in")
    blueprint.add_route(sign_in, "/sign-in", methods=["POST"], name="send_sign_in")
    blueprint.add_route(show_second_step, "/second-step", name="second_step")
    blueprint.add_route(finish_sign_in, "/second-step", methods=["POST"], name="send_second_step")
    blueprint.add_route(sign_out, "/sign-out", methods=["POST"], name="sign_out")
    blueprint.add_route(show_welcome, "/welcome/<link:str>", name="welcome")
    blueprint.add_route(accept_welcome, "/welcome/<link:str>", methods=["POST"], name="send_welcome")


@needs("own_account")
async def show_console(request: Request, visit: Visit) -> HTTPResponse:
    """Send a signed-in person to the page they work on."""
    return redirect(LIST_PAGE if visit.may("read_leads") else CONVERSATIONS_PAGE, status=303)


async def show_sign_in(request: Request) -> HTTPResponse:
    """Show the sign-in form, or go on when the browser already has a session."""
    go_on = read_return_path(request.args.get("next"))
    visit = await find_visit(request)
    if visit is not None:
        return redirect(SECOND_STEP_PAGE if visit.is_pending else go_on, status=303)
    return show_sign_in_form(request, go_on, ended="ended" in request.args, left="left" in request.args)


async def sign_in(request: Request) -> HTTPResponse:
    """Start a session for the right e-mail and password; one answer for everything that is not right."""
    check_form_token(request, read_cookie(request, FORM))
    request.app.ctx.limits.check(request, "sign_in")
    email, go_on = read_field(request, "email"), read_return_path(read_field(request, "next"))
    note, desk = read_field(request, "note"), desk_of(request)
    try:
        session = await asyncio.to_thread(desk.staff.sign_in, email, read_field(request, "password"))
    except SignInRefused as refusal:
        wait = _minutes(refusal)
        return show_sign_in_form(request, go_on, email=email, note=note, wait_minutes=wait, refused=True)
    if note.strip() and go_on.startswith(f"{LIST_PAGE}/"):
        await asyncio.to_thread(_keep_draft, desk, go_on.rpartition("/")[2], note, session.account.id)
    return await _let_in(request, session, go_on)


async def show_second_step(request: Request) -> HTTPResponse:
    """Ask for the code, when the password was right just now."""
    visit = await find_visit(request)
    if visit is None:
        return redirect(f"{SIGN_IN_PAGE}?ended=1", status=303)
    if not visit.is_pending:
        return redirect("/console", status=303)
    return _show_code_form(request, visit)


async def finish_sign_in(request: Request) -> HTTPResponse:
    """Complete the sign-in with the code of the app or a recovery code."""
    visit, token = await find_visit(request), read_cookie(request, SESSION)
    if visit is None or token is None:
        return redirect(f"{SIGN_IN_PAGE}?ended=1", status=303)
    if not visit.is_pending:
        return redirect("/console", status=303)
    check_form_token(request, visit.form_token)
    request.app.ctx.limits.check(request, "sign_in")
    code = read_field(request, "code")
    try:
        session = await asyncio.to_thread(desk_of(request).second_step.finish_sign_in, token, code)
    except CodeWrong:
        return _show_code_form(request, visit, is_wrong=True)
    except SignInRefused as refusal:
        return _show_code_form(request, visit, is_wrong=True, wait_minutes=_minutes(refusal))
    return await _let_in(request, session, read_return_path(read_cookie(request, GO_ON)))


async def sign_out(request: Request) -> HTTPResponse:
    """End the session, here and in the database."""
    visit, token = await find_visit(request), read_cookie(request, SESSION)
    if visit is not None and token is not None:
        check_form_token(request, visit.form_token)
        await asyncio.to_thread(desk_of(request).staff.sign_out, token)
    response = redirect(f"{SIGN_IN_PAGE}?left=1", status=303)
    for name in (SESSION, SEARCH, GO_ON):
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
    except SignInRefused:  # the account is set up; somebody took its access away at this very moment
        return redirect(SIGN_IN_PAGE, status=303)
    return await _let_in(request, session, "/console")


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
    response = redirect(SECOND_STEP_PAGE if session.is_pending else go_on, status=303)
    set_cookie(request, response, SESSION, session.token)
    if session.is_pending:
        set_cookie(request, response, GO_ON, go_on)
    for name in (FORM, SEARCH) if session.is_pending else (FORM, SEARCH, GO_ON):
        drop_cookie(request, response, name)
    return response


def _keep_draft(desk: Desk, reference: str, note: str, staff_id: str) -> None:
    try:
        desk.notes.keep_draft(desk.leads.find_by_reference(reference).id, note, staff_id)
    except LeadNotFound:  # removed meanwhile: there is nothing left to note
        return


def _minutes(refusal: SignInRefused) -> int:
    return math.ceil(refusal.wait.total_seconds() / 60) if refusal.wait else 0


def _show_code_form(
    request: Request, visit: Visit, is_wrong: bool = False, wait_minutes: int = 0
) -> HTTPResponse:
    return desk_of(request).pages.show(
        "console/second_step.html",
        status=403 if is_wrong else 200,
        visit=None,
        form_token=visit.form_token,
        is_wrong=is_wrong,
        wait_minutes=wait_minutes,
    )


def _show_welcome_form(request: Request, wrong: dict[str, str] | None = None) -> HTTPResponse:
    return show_open_form(
        request,
        "console/welcome.html",
        status=400 if wrong else 200,
        wrong=wrong or {},
        name=read_field(request, "name"),
        email=read_field(request, "email"),
    )
