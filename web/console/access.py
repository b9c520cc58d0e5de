"""Who may do what in the console, and the one guard that every signed-in page stands behind."""

from __future__ import annotations

import asyncio
import hmac
import re
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
from web.console.problems import ConsoleProblem

# The content team needs the questions people ask, not the people: it sees no request.
PERMISSIONS: dict[str, frozenset[str]] = {
    "read_leads": frozenset({"admin", "staff", "viewer"}),
    "change_leads": frozenset({"admin", "staff"}),
}
LIST_PAGE = "/console/leads"
SIGN_IN_PAGE = "/console/sign-in"
RETURN_PATH = re.compile(r"/console/leads(/[A-Z0-9-]{1,20})?")

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


@dataclass(frozen=True)
class Visit:
    """A signed-in person's present session: the account and the token its forms must carry."""

    account: Account
    form_token: str

    def may(self, permission: str) -> bool:
        """Say whether the account's role includes `permission`, a key of PERMISSIONS."""
        return self.account.role in PERMISSIONS[permission]


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
    visit = Visit(session.account, session.csrf_token)
    request.ctx.visit = visit
    return visit


def needs(permission: str | None) -> Callable[[Handler], Handler]:
    """Guard a handler: signed in, a role with `permission` (None: any role), a POST with the form's token.

    The handler gets the visit as its second argument. Somebody signed out is sent to the sign-in page and
    nothing is changed; raises ConsoleProblem role_refused or form_expired.
    """

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: Request, **values: Any) -> HTTPResponse:
            visit = await find_visit(request)
            if visit is None:
                return send_to_sign_in(request)
            if request.method == "POST":
                check_form_token(request, visit.form_token)
            if permission is not None and not visit.may(permission):
                raise ConsoleProblem("role_refused")
            return await handler(request, visit, **values)

        return guarded

    return guard


def check_form_token(request: Request, expected: str | None) -> None:
    """Raise ConsoleProblem form_expired unless the posted form carries the token `expected`."""
    given = read_field(request, "form_token")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise ConsoleProblem("form_expired")


def read_field(request: Request, name: str) -> str:
    """Return the posted form's text field, empty when it is missing."""
    form = request.form
    return str(form.get(name, "")) if form else ""


def send_to_sign_in(request: Request) -> HTTPResponse:
    """Return the way to the sign-in page, and back to where the person was going."""
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
    """Return `text` when it is a console page to go on to after signing in, else the list's address."""
    return text if text and RETURN_PATH.fullmatch(text) else LIST_PAGE
