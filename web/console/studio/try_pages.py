"""Try it: what the live assistant makes of a message, and keeping the message as a test."""

from __future__ import annotations

import asyncio
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from clinic.audit import add_audit
from clinic.clock import utc_now
from content.kept_tests import KeptMessage, TestRefused, keep_as_test
from content.workshop import FileNotSaved
from web.chat.engine import EngineUnavailable
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.studio.drafts import root_of


def setup_try_pages(blueprint: Blueprint) -> None:
    """Add the page, asking the engine, and keeping a message."""
    blueprint.add_route(show_try, "/studio/try", name="try")
    blueprint.add_route(try_message, "/studio/try", methods=["POST"], name="try_message")
    blueprint.add_route(keep_message, "/studio/try/keep", methods=["POST"], name="keep_message")


@needs("edit_answers")
async def show_try(request: Request, visit: Visit) -> HTTPResponse:
    """Show the empty page."""
    return await _show(request, visit)


@needs("edit_answers")
async def try_message(request: Request, visit: Visit) -> HTTPResponse:
    """Show how the live assistant understands the message. No conversation is begun and nothing is stored."""
    message = " ".join(read_field(request, "message").split())
    if not 0 < len(message) <= request.app.ctx.settings.maximum_message_length:
        return await _show(request, visit, 400, message=message, problem="length")
    try:
        understood = await request.app.ctx.engine.understand(message)
    except EngineUnavailable:
        return await _show(request, visit, 503, message=message, problem="engine")
    return await _show(request, visit, message=message, understood=understood)


@needs("edit_answers")
async def keep_message(request: Request, visit: Visit) -> HTTPResponse:
    """Write the message into the conversation tests."""
    message, topic = read_field(request, "message"), read_field(request, "topic")
    try:
        name = await asyncio.to_thread(keep_as_test, root_of(request), KeptMessage(message, topic))
    except TestRefused as error:
        return await _show(request, visit, 400, message=message, refused=str(error))
    except FileNotSaved:
        return await _show(request, visit, 503, message=message, problem="disk")

    def write_down() -> None:
        with request.app.ctx.database.transaction() as session:
            add_audit(session, utc_now(), visit.account.id, "test_kept", ("topic", f"data/faq/{topic}.yml"))

    await asyncio.to_thread(write_down)
    return await _show(request, visit, message=message, kept=name)


async def _show(request: Request, visit: Visit, status: int = 200, **values: Any) -> HTTPResponse:
    paths = await asyncio.to_thread(lambda: sorted((root_of(request) / "data" / "faq").glob("*.yml")))
    shown = {"message": "", "understood": None, "problem": "", "refused": "", "kept": ""}
    return desk_of(request).pages.show(
        "console/studio/try.html",
        status,
        visit=visit,
        topics=[path.stem for path in paths],
        longest=request.app.ctx.settings.maximum_message_length,
        **{**shown, **values},
    )
