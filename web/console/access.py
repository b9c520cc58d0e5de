"""Who may do what in the console, and the one guard that every signed-in page stands behind."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from sanic import Request
from sanic.response import HTTPResponse, redirect

from clinic.staff import Account, SignInRefused
from web.console.cookies import SESSION, drop_cookie, read_cookie
from web.console.desk import desk_of
from web.console.places import ACCOUNT_PAGE, LIST_PAGE, RETURN_PATH, SECOND_STEP_PAGE, SIGN_IN_PAGE
from web.console.problems import ConsoleProblem
from web.console.sign_in_form import show_sign_in_form
from web.security import SAFE_METHODS

EVERYBODY = frozenset({"admin", "staff", "viewer", "content"})
# The content team needs the questions people ask, not the people: it sees no request, and no contact details
# in conversations.
PERMISSIONS: dict[str, frozenset[str]] = {
    "own_account": EVERYBODY,
    "read_leads": frozenset({"admin", "staff", "viewer"}),
    "change_leads": frozenset({"admin", "staff"}),
    "export_leads": frozenset({"admin", "staff"}),
    "remove_leads": frozenset({"admin"}),
    "export_person": frozenset({"admin"}),
    "read_conversations": EVERYBODY,
    "read_numbers": EVERYBODY,
    "read_notices": frozenset({"admin", "staff"}),
    "edit_answers": frozenset({"admin", "content"}),
    "approve_answers": frozenset({"admin"}),
    "publish": frozenset({"admin", "content"}),
    "override_gate": frozenset({"admin"}),
    "use_inbox": frozenset({"admin", "content"}),
    "manage_people": frozenset({"admin"}),
}

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse | None]]


@dataclass(frozen=True)
class Visit:
    """A signed-in person's present session: the account and the token its forms must carry."""

    account: Account
    form_token: str
    is_pending: bool = False

    def may(self, permission: str) -> bool:
        """Say whether the account's role includes `permission`, a key of PERMISSIONS."""
        return not self.is_pending and self.account.role in PERMISSIONS[permission]


async def find_visit(request: Request) -> Visit | None:
    """Return the signed-in visit of the request, None without a valid session. The page's header shows it.

    Raises StorageUnavailable.
    """
    token = read_cookie(request, SESSION)
    if token is None:
        return None
    try:
        session = await asyncio.to_thread(desk_of(request).staff.find_session, token)
    except SignInRefused:
        return None
    visit = Visit(session.account, session.csrf_token, session.is_pending)
    request.ctx.visit = None if visit.is_pending else visit
    return visit


def needs(permission: str) -> Callable[[Handler], Handler]:
    """Guard a handler: signed in, second step done, a role with `permission`, and the form's token
    with every method that may change something.

    The handler gets the visit as its second argument. Somebody signed out is sent to the sign-in page and
    nothing is changed; raises ConsoleProblem role_refused or form_expired.
    """

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request, **values: Any) -> HTTPResponse | None:
            visit = await find_visit(request)
            if visit is None:
                return send_to_sign_in(request)
            if visit.is_pending:
                return redirect(SECOND_STEP_PAGE, status=303)
            if request.method not in SAFE_METHODS:
                check_form_token(request, visit.form_token)
            if not visit.may(permission):
                raise ConsoleProblem("role_refused")
            if permission != "own_account" and _lacks_second_step(request, visit):
                return redirect(f"{ACCOUNT_PAGE}?required=1", status=303)
            return await handler(request, visit, **values)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard


def _lacks_second_step(request: Request, visit: Visit) -> bool:
    return request.app.ctx.settings.needs_second_step and not visit.account.has_second_step


def check_form_token(request: Request, expected: str | None) -> None:
    """Raise ConsoleProblem form_expired unless the posted form carries the token `expected`."""
    given = read_field(request, "form_token")
    if not expected or not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode()):
        raise ConsoleProblem("form_expired")


def read_field(request: Request, name: str) -> str:
    """Return the posted form's text field, empty when it is missing."""
    form = request.form
    return str(form.get(name, "")) if form else ""


def read_version(request: Request, name: str = "version") -> int:
    """Return the version a form was made for; raises ConsoleProblem choice_not_valid when it is no number."""
    text = read_field(request, name)
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ConsoleProblem("choice_not_valid")
    return int(text)


def send_to_sign_in(request: Request) -> HTTPResponse:
    """Return the way to the sign-in page, and back to where the person was going.

    A note that was on its way travels in the sign-in form, so that it is not lost.
    """
    note = read_field(request, "note") if request.method == "POST" else ""
    if note.strip():
        lead_page = request.path.rpartition("/")[0]
        response = show_sign_in_form(request, read_return_path(lead_page), note=note, ended=True)
        drop_cookie(request, response, SESSION)
        return response
    query = {}
    if request.method == "GET" and request.path != LIST_PAGE and RETURN_PATH.fullmatch(request.path):
        query["next"] = request.path
    if had_session := read_cookie(request, SESSION) is not None:
        query["ended"] = "1"
    response = redirect(f"{SIGN_IN_PAGE}?{urlencode(query)}" if query else SIGN_IN_PAGE, status=303)
    if had_session:
        drop_cookie(request, response, SESSION)
    return response


def read_return_path(text: str | None) -> str:
    """Return `text` when it is a console page to go on to after signing in, else the console's address."""
    return text if text and RETURN_PATH.fullmatch(text) else "/console"
