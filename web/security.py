"""Security headers for every response, and who may call from another website."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from sanic import Request, Sanic
from sanic.exceptions import NotFound
from sanic.response import BaseHTTPResponse, HTTPResponse, empty

from clinic.settings import Settings
from web.errors import Refusal

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ONE_YEAR = 31_536_000  # seconds
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]|%(?:[01][0-9a-fA-F]|7[fF])")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# What allowed websites may call. The widget's own files carry their own headers; pages are never shared.
SHARED_PATHS = ("/api/",)


class Origins:
    """Knows which websites may use the API: this one and those in the settings."""

    def __init__(self, settings: Settings) -> None:
        """Take the allowed origins and the public address from the settings."""
        self._allowed = set(settings.origins)
        self._own = _origin_of(settings.public_url)

    def is_own(self, request: Request) -> bool:
        """Tell whether the request's Origin header names this website."""
        origin = request.headers.get("origin", "")
        return origin == self._own or urlsplit(origin).netloc == request.headers.get("host", "-")

    def is_shared_with(self, request: Request) -> bool:
        """Tell whether the request comes from an allowed website and asks for something shared."""
        return request.headers.get("origin") in self._allowed and request.path.startswith(SHARED_PATHS)

    def is_foreign(self, request: Request) -> bool:
        """Tell whether a browser sent this request on behalf of a website that may not.

        Under `no-referrer` a browser sends `Origin: null` with a page's own form, so `null` alone proves
        nothing; `Sec-Fetch-Site` does (W3C Fetch Metadata).
        """
        origin = request.headers.get("origin")
        if origin is None or origin == "null":
            return request.headers.get("sec-fetch-site") == "cross-site"
        return not (self.is_own(request) or self.is_shared_with(request))


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def setup_security(app: Sanic[Any, Any]) -> None:
    """Refuse foreign origins, answer preflights, and put the headers on every response."""
    origins = Origins(app.ctx.settings)
    is_https = app.ctx.settings.public_url.startswith("https://")

    async def check_path(request: Request) -> None:
        if CONTROL_CHARACTER.search(
            request.path
        ):  # no address of ours has one, and files are not asked for it
            raise NotFound

    async def check_origin(request: Request) -> HTTPResponse | None:
        is_preflight = request.method == "OPTIONS" and "access-control-request-method" in request.headers
        if is_preflight and origins.is_shared_with(request):
            return empty()
        if request.method not in SAFE_METHODS and origins.is_foreign(request):
            raise Refusal("origin_not_allowed")
        return None

    async def add_headers(request: Request, response: BaseHTTPResponse) -> None:
        response.headers.update(HEADERS)
        if is_https:
            response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
        is_file = request.path.startswith("/static/") and response.status < 400
        response.headers.setdefault("Cache-Control", "no-cache" if is_file else "no-store")
        if request.path.startswith(SHARED_PATHS):
            response.headers["Vary"] = "Origin"
            if origins.is_shared_with(request):
                _share(response, request.headers["origin"])

    app.register_middleware(check_path, "request")
    app.register_middleware(check_origin, "request")
    app.register_middleware(add_headers, "response")


def _share(response: BaseHTTPResponse, origin: str) -> None:
    """Let the website `origin` read this response (CORS, no cookies)."""
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.headers["Access-Control-Max-Age"] = "600"
