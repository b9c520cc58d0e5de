"""The console's cookies: one way to set, read and drop them, as strict as the address allows."""

from __future__ import annotations

from urllib.parse import quote, unquote

from sanic import Request
from sanic.response import HTTPResponse

SESSION = "console_session"
FORM = "console_form"
SEARCH = "console_search"
CONVERSATION_SEARCH = "console_conversation_search"
GO_ON = "console_go_on"
HOST_PREFIX = (
    "__Host-"  # browsers then refuse the cookie without Secure, with a domain, or below another path
)


def is_https(request: Request) -> bool:
    """Say whether people reach the console over https; decided by the settings, never by a header."""
    return str(request.app.ctx.settings.public_url).startswith("https://")


def read_cookie(request: Request, name: str) -> str | None:
    """Return the cookie's text, None when the browser sent none."""
    value = request.cookies.get(f"{HOST_PREFIX}{name}" if is_https(request) else name)
    return unquote(value) if value else None


def set_cookie(request: Request, response: HTTPResponse, name: str, value: str) -> None:
    """Set a cookie that scripts cannot read and that ends with the browser's session."""
    secure = is_https(request)
    response.add_cookie(
        name,
        quote(value, safe=""),
        path="/",
        secure=secure,
        httponly=True,
        samesite="Lax",
        host_prefix=secure,
    )


def drop_cookie(request: Request, response: HTTPResponse, name: str) -> None:
    """Tell the browser to forget the cookie."""
    secure = is_https(request)
    response.cookies.delete_cookie(name, path="/", secure=secure, host_prefix=secure)
