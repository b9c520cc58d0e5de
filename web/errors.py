"""Turns everything that can go wrong in a request into one JSON shape or one plain page."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, json

from clinic.conversations import ConversationNotFound, MessageNotFound, SessionExpired
from clinic.storage.database import StorageUnavailable
from web.words import read_words

LOG = logging.getLogger("clinic.web")
API = "/api/"
RETRY_STORAGE_SECONDS = 5

CODE_OF_EXCEPTION: dict[type[Exception], str] = {
    StorageUnavailable: "storage_unavailable",
    ConversationNotFound: "session_missing",
    SessionExpired: "session_expired",
    MessageNotFound: "not_found",
}
CODE_OF_STATUS = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "message_too_long",
    415: "unsupported_media_type",
    503: "internal",
}


class Refusal(Exception):
    """A request is turned down for a reason the words file `web/errors.yml` names."""

    def __init__(self, code: str, *, status: int | None = None, retry_after: int | None = None) -> None:
        """Take the reason's code, the HTTP status if not the usual one, and seconds until a retry helps."""
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after = retry_after


class ErrorReplies:
    """Answers a failed request in the shape its address promises, with the sentences of the words file."""

    def __init__(self, app: Sanic[Any, Any]) -> None:
        """Read the sentences; raises WordsInvalid."""
        self._words = read_words(Path(__file__).with_name("errors.yml"))
        self._limit = app.ctx.settings.maximum_message_length

    def answer(self, request: Request, error: Exception) -> HTTPResponse:
        """Return the error reply for `error`; anything unexpected is logged without personal data."""
        refusal = self._name(error)
        if refusal.code in ("internal", "storage_unavailable"):
            log_failure(error)
        is_api = request.path.startswith(API)
        if refusal.code == "message_too_long" and not is_api:
            refusal.code = "form_too_large"
        word = self._words[refusal.code]
        message = word["message"].format(limit=self._limit)
        status = refusal.status or word["status"]
        response = (
            json({"error": self._describe(refusal, message)}, status=status)
            if is_api
            else request.app.ctx.pages.show("error.html", status, title=word["title"], message=message)
        )
        _copy_headers(error, response)
        if refusal.retry_after is not None:
            response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def _name(self, error: Exception) -> Refusal:
        if isinstance(error, Refusal):
            return error
        for kind, code in CODE_OF_EXCEPTION.items():
            if isinstance(error, kind):
                wait = RETRY_STORAGE_SECONDS if code == "storage_unavailable" else None
                return Refusal(code, retry_after=wait)
        if isinstance(error, SanicException):
            code = CODE_OF_STATUS.get(error.status_code, "bad_request")
            known = error.status_code in CODE_OF_STATUS or 400 <= error.status_code < 500
            return Refusal(code if known else "internal", status=error.status_code)
        return Refusal("internal")

    def _describe(self, refusal: Refusal, message: str) -> dict[str, Any]:
        described: dict[str, Any] = {"code": refusal.code, "message": message}
        if refusal.retry_after is not None:
            described["retry_after"] = refusal.retry_after
        return described


def log_failure(error: Exception) -> None:
    """Log what kind of failure happened and where, not its message: that may hold what a visitor typed."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    LOG.error("%s at %s", type(error).__name__, " < ".join(reversed(places)))


def _copy_headers(error: Exception, response: HTTPResponse) -> None:
    """Keep what Sanic asks to be sent with its own errors, such as Allow for a wrong method."""
    if isinstance(error, SanicException):
        response.headers.update(getattr(error, "headers", {}) or {})


def setup_errors(app: Sanic[Any, Any]) -> None:
    """Register the one answer for every exception."""
    app.exception(Exception)(ErrorReplies(app).answer)
