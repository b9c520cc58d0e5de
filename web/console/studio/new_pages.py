"""Begin a new question: it is a draft until somebody makes it live."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.audit import add_audit
from clinic.clock import utc_now
from content.files import ContentUnreadable
from content.new_question import QuestionRefused
from content.new_topic import add_draft
from content.workshop import FileNotSaved
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.studio.drafts import address_of, root_of, today_of


def setup_new_pages(blueprint: Blueprint) -> None:
    """Add the form for a new question."""
    blueprint.add_route(show_new_topic, "/studio/new", name="new_topic")
    blueprint.add_route(make_topic, "/studio/new", methods=["POST"], name="make_topic")


@needs("edit_answers")
async def show_new_topic(request: Request, visit: Visit) -> HTTPResponse:
    """Show the form."""
    return _show(request, visit)


@needs("edit_answers")
async def make_topic(request: Request, visit: Visit) -> HTTPResponse:
    """Write the draft and go to its page, or show the form again with what to change."""
    ways = [line.strip() for line in read_field(request, "ways").splitlines() if line.strip()]
    answer = read_field(request, "answer").replace("\r\n", "\n")
    facts = read_field(request, "facts").replace(",", " ").split()
    title = " ".join(read_field(request, "title").split())
    try:
        path = await asyncio.to_thread(
            add_draft, root_of(request), title, ways, answer, facts, today_of(request)
        )
    except (QuestionRefused, ContentUnreadable, OSError) as error:
        return _show(request, visit, 400, str(error))
    except FileNotSaved as error:
        return _show(request, visit, 503, f"The file could not be written ({error}). Tell the administrator.")

    def write_down() -> None:
        with request.app.ctx.database.transaction() as session:
            add_audit(session, utc_now(), visit.account.id, "topic_added", ("topic", str(path)))

    await asyncio.to_thread(write_down)
    return redirect(f"{address_of(path)}?done=added", status=303)


def _show(request: Request, visit: Visit, status: int = 200, problem: str = "") -> HTTPResponse:
    fields = ("title", "ways", "answer", "facts")
    return desk_of(request).pages.show(
        "console/studio/new.html",
        status,
        visit=visit,
        problem=problem,
        typed={name: read_field(request, name) if request.method == "POST" else "" for name in fields},
    )
