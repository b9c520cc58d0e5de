"""The action server: Rasa's SDK behind the shared secret, on loopback, with errors that reveal nothing."""

from __future__ import annotations

import hmac
from typing import Any

from rasa_sdk.endpoint import create_app as create_sdk_app
from rasa_sdk.executor import ActionExecutor
from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse, HTTPResponse, json

from actions.services import Services, use


def create_app(services: Services, secret: str) -> Sanic[Any, Any]:
    """Build the server; every request but /health needs `Authorization: Bearer <secret>`."""
    use(services)
    executor = ActionExecutor()
    executor.register_package("actions")
    app: Sanic[Any, Any] = create_sdk_app(executor, cors_origins=[])
    expected = f"Bearer {secret}".encode()

    @app.middleware("request")
    async def check_secret(request: Request) -> HTTPResponse | None:
        given = request.headers.get("authorization", "").encode()
        if request.path == "/health" or hmac.compare_digest(given, expected):
            return None
        return _error(401, "secret_missing", "The shared secret is missing or wrong.")

    @app.middleware("response")
    async def hide_details(request: Any, response: BaseHTTPResponse) -> HTTPResponse | None:
        # the SDK's error reply echoes the whole tracker, which Rasa would then write to its log
        if response.status < 500:
            return None
        return _error(500, "action_failed", "The action failed.")

    return app


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return json({"error": {"code": code, "message": message}}, status=status)
