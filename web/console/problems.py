"""What can go wrong in the console, and the page that says so in the console's look."""

from __future__ import annotations

import math

from sanic import Blueprint, Request
from sanic.exceptions import NotFound, SanicException
from sanic.http import Http
from sanic.response import HTTPResponse

from clinic.leads import LeadNotFound
from clinic.storage.database import StorageUnavailable
from web.console.desk import desk_of
from web.errors import Refusal, log_failure

MOST_THROWN_AWAY = 16 * 1024 * 1024  # bytes

STATUS_OF_PROBLEM = {
    "choice_not_valid": 400,
    "form_expired": 403,
    "role_refused": 403,
    "page_not_found": 404,
    "lead_not_found": 404,
    "person_not_found": 404,
    "conversation_not_found": 404,
    "topic_not_found": 404,
    "wordings_gone": 404,
    "wordings_changed": 409,
    "method_not_allowed": 405,
    "link_not_valid": 410,
    "too_large": 413,
    "too_many_tries": 429,
    "unexpected": 500,
    "storage_unavailable": 503,
}


class ConsoleProblem(Exception):
    """A request is turned down for the reason `name`, a key of STATUS_OF_PROBLEM."""

    def __init__(self, name: str, retry_after: int | None = None) -> None:
        """Take the reason and, where waiting helps, the seconds to wait."""
        super().__init__(name)
        self.name = name
        self.retry_after = retry_after


def setup_problems(blueprint: Blueprint) -> None:
    """Answer every exception of the console's routes with a page of the console.

    Each class is named, not only Exception: Sanic looks for an exact match first, also among the handlers
    of the whole application.
    """
    blueprint.exception(ConsoleProblem, NotFound, LeadNotFound, StorageUnavailable, Refusal, Exception)(
        show_problem
    )


async def show_problem(request: Request, error: Exception) -> HTTPResponse:
    """Return the problem page for `error`; the unexpected is logged without personal data."""
    problem = name_problem(error)
    if problem.name == "too_large":
        await _read_the_rest(request)
    if problem.name in ("unexpected", "storage_unavailable"):
        log_failure(error)
    wait = problem.retry_after
    response = desk_of(request).pages.show(
        "console/problem.html",
        STATUS_OF_PROBLEM[problem.name],
        visit=getattr(request.ctx, "visit", None),
        problem=problem.name,
        retry_minutes=math.ceil((wait or 1) / 60),
        kept_text=_kept_text(request),
    )
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


async def _read_the_rest(request: Request) -> None:
    """Take the rest of a body that is too large and throw it away.

    A connection that is closed while the browser still sends would show no page at all.
    """
    stream, left = request.stream, MOST_THROWN_AWAY
    if not isinstance(stream, Http):
        return
    stream.request_max_size = MOST_THROWN_AWAY
    while left > 0 and (piece := await stream.read()):
        left -= len(piece)


def _kept_text(request: Request) -> str:
    """Return the note that was sent with a form that was refused: its writer must be able to copy it."""
    try:
        form = request.form
    except SanicException:  # the body was too large or no form
        return ""
    return str(form.get("note", "")) if form else ""


def name_problem(error: Exception) -> ConsoleProblem:
    """Return what `error` means to the people at the front desk."""
    if isinstance(error, ConsoleProblem):
        return error
    if isinstance(error, Refusal) and error.code == "too_many_requests":
        return ConsoleProblem("too_many_tries", error.retry_after)
    if isinstance(error, Refusal):
        return ConsoleProblem("form_expired")
    if isinstance(error, LeadNotFound):
        return ConsoleProblem("lead_not_found")
    if isinstance(error, NotFound):
        return ConsoleProblem("page_not_found")
    if isinstance(error, StorageUnavailable):
        return ConsoleProblem("storage_unavailable", retry_after=5)
    if isinstance(error, SanicException) and error.status_code == 405:
        return ConsoleProblem("method_not_allowed")
    if isinstance(error, SanicException) and error.status_code == 413:
        return ConsoleProblem("too_large")
    if isinstance(error, SanicException) and 400 <= error.status_code < 500:
        return ConsoleProblem("choice_not_valid")
    return ConsoleProblem("unexpected")
