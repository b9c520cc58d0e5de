"""Begin a new question: it is a draft until somebody makes it live."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from pathlib import Path

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.audit import add_audit
from clinic.clock import utc_now
from clinic.inbox_decisions import QuestionChangedMeanwhile, QuestionNotFound
from content.files import ContentUnreadable
from content.new_question import QuestionRefused
from content.new_topic import add_draft
from content.new_wordings import WordingRefused
from content.question_text import topic_of
from content.workshop import FileNotSaved
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.studio.chosen import Row, confirm, new_rows, posted_chosen, posted_rows, read_chosen
from web.console.studio.drafts import address_of, root_of, today_of
from web.console.studio.wording_pages import changed_problem, find_wordings


def setup_new_pages(blueprint: Blueprint) -> None:
    """Add the form for a new question."""
    blueprint.add_route(show_new_topic, "/studio/new", name="new_topic")
    blueprint.add_route(make_topic, "/studio/new", methods=["POST"], name="make_topic")


@needs("edit_answers")
async def show_new_topic(request: Request, visit: Visit) -> HTTPResponse:
    """Show the form, with the wordings of the inbox that the address names."""
    ids = [one.id for one in read_chosen(request.args.getlist("chosen", []))]
    wordings = await find_wordings(request, ids) if ids else []
    return _show(request, visit, new_rows(wordings))


@needs("edit_answers")
async def make_topic(request: Request, visit: Visit) -> HTTPResponse:
    """Write the draft and go to its page, or show the form again with what to change."""
    ids = [one.id for one in posted_chosen(request)]
    rows = posted_rows(request, await find_wordings(request, ids)) if ids else []
    try:
        path = await asyncio.to_thread(_make, request, visit, rows)
    except (QuestionRefused, WordingRefused, ContentUnreadable, OSError) as error:
        return _show(request, visit, rows, 400, str(error))
    except FileNotSaved as error:
        problem = f"The file could not be written ({error}). Tell the administrator."
        return _show(request, visit, rows, 503, problem)
    except (QuestionChangedMeanwhile, QuestionNotFound) as error:
        raise changed_problem(error) from error
    return redirect(f"{address_of(path)}?done=added", status=303)


def _make(request: Request, visit: Visit, rows: list[Row]) -> Path:
    """Write the draft, and note what became of the wordings it is made of: both or neither."""
    confirmed = confirm(rows) if rows else []
    ways = [line.strip() for line in read_field(request, "ways").splitlines() if line.strip()]
    ways = [one.wording for one in confirmed] + ways
    answer = read_field(request, "answer").replace("\r\n", "\n")
    facts = read_field(request, "facts").replace(",", " ").split()
    title = " ".join(read_field(request, "title").split())
    place = f"faq/{topic_of(title)}"
    decisions, root = desk_of(request).inbox_decisions, root_of(request)
    with decisions.writing(confirmed, place, visit.account.id) if confirmed else nullcontext():
        path = add_draft(root, title, ways, answer, facts, today_of(request))
    with request.app.ctx.database.transaction() as session:
        add_audit(session, utc_now(), visit.account.id, "topic_added", ("topic", str(path)))
    return path


def _show(
    request: Request, visit: Visit, rows: list[Row], status: int = 200, problem: str = ""
) -> HTTPResponse:
    fields = ("title", "ways", "answer", "facts")
    return desk_of(request).pages.show(
        "console/studio/new.html",
        status,
        visit=visit,
        rows=rows,
        problem=problem,
        typed={name: read_field(request, name) if request.method == "POST" else "" for name in fields},
    )
