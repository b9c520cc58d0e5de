"""The forms for somebody without a full session, and the token that proves a form is ours."""

from __future__ import annotations

import secrets
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse

from web.console.cookies import FORM, read_cookie, set_cookie
from web.console.desk import desk_of

LONGEST_KEPT_NOTE = 20_000  # characters that travel through the sign-in form


def show_sign_in_form(
    request: Request, go_on: str, email: str = "", note: str = "", wait_minutes: int = 0, **notes: bool
) -> HTTPResponse:
    """Show the sign-in form. `notes` say why it is shown: refused, ended, left; `note` is a note to keep."""
    words = {"refused": False, "ended": False, "left": False, **notes}
    return show_open_form(
        request,
        "console/sign_in.html",
        status=403 if words["refused"] or note else 200,
        next=go_on,
        email=email,
        note=note[:LONGEST_KEPT_NOTE],
        wait_minutes=wait_minutes,
        idle_minutes=request.app.ctx.settings.console_idle_minutes,
        **words,
    )


def show_open_form(request: Request, template: str, status: int, **values: Any) -> HTTPResponse:
    """Show a form for somebody without a session.

    Its token is also in a cookie that another site can neither read nor set (double submit). A token the
    browser already has is used again, so that two open tabs both work.
    """
    token = read_cookie(request, FORM) or secrets.token_urlsafe(32)
    page = desk_of(request).pages.show(template, status, visit=None, form_token=token, **values)
    set_cookie(request, page, FORM, token)
    return page
