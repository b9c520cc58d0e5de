"""Review: what is due, approving an answer for the clinic, and all answers on paper for the doctor."""

from __future__ import annotations

import asyncio

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.audit import add_audit
from clinic.clock import utc_now
from clinic.storage import tables
from content.answers_page import read_questions
from content.approval import ApprovalRefused, approve
from content.editor import EditRefused
from content.files import ContentUnreadable
from content.workshop import ChangedMeanwhile, FileNotSaved, open_file, save_draft
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.studio.drafts import path_of, root_of, today_of
from web.console.studio.topic_pages import list_topics

REVIEW_PAGE = "/console/studio/review"


def setup_review_pages(blueprint: Blueprint) -> None:
    """Add the list of what is to be looked at, approving, and the pages to print."""
    blueprint.add_route(show_review, "/studio/review", name="review")
    blueprint.add_route(show_printed_answers, "/studio/review/print", name="review_print")
    address = "/studio/review/<folder:str>/<topic:str>/approve"
    blueprint.add_route(approve_topic, address, methods=["POST"], name="approve_topic")


@needs("edit_answers")
async def show_review(request: Request, visit: Visit) -> HTTPResponse:
    """Show the answers whose review is due and those that nobody has approved, the oldest review first."""
    return await _show(request, visit)


@needs("edit_answers")
async def show_printed_answers(request: Request, visit: Visit) -> HTTPResponse:
    """Show every answer on one page to print and to sign."""
    try:
        questions = await asyncio.to_thread(read_questions, root_of(request) / "data")
    except ContentUnreadable as error:
        return desk_of(request).pages.show(
            "console/studio/broken.html", 409, visit=visit, path="data/faq", problem=str(error)
        )
    return desk_of(request).pages.show(
        "console/studio/print.html", visit=visit, questions=questions, today=today_of(request)
    )


@needs("approve_answers")
async def approve_topic(request: Request, visit: Visit, folder: str, topic: str) -> HTTPResponse:
    """Approve the answers of a file, as the page showed them, with the person's name and date."""
    path, root = path_of(request, folder, topic), root_of(request)
    two_persons = request.app.ctx.live.now.profile.two_person_review

    def work() -> None:
        opened = open_file(root, path)
        if two_persons and _wrote_last(request, str(path), visit.account.id):
            raise ApprovalRefused("own_words")
        approved = approve(opened.draft(), visit.account.name, today_of(request), two_persons)
        save_draft(root, path, read_field(request, "version"), approved)
        with request.app.ctx.database.transaction() as session:
            add_audit(session, utc_now(), visit.account.id, "topic_approved", ("topic", str(path)))

    try:
        await asyncio.to_thread(work)
    except ApprovalRefused as refused:
        return await _show(request, visit, 409, refused.reason)
    except (ChangedMeanwhile, ContentUnreadable, EditRefused):
        return await _show(request, visit, 409, "changed")
    except FileNotSaved:
        return await _show(request, visit, 503, "disk")
    return redirect(f"{REVIEW_PAGE}?done=approved", status=303)


def _wrote_last(request: Request, path: str, account: str) -> bool:
    """Say whether the account made the last recorded change to the answers of a file."""
    with request.app.ctx.database.transaction(read_only=True) as session:
        entries = (
            session.query(tables.AuditEntry)
            .filter_by(subject_kind="topic", subject_id=path)
            .order_by(tables.AuditEntry.id.desc())
        )
        for entry in entries:
            if entry.action == "topic_added" or "answers" in entry.detail.get("changed", ()):
                return bool(entry.actor == account)
    return False


async def _show(request: Request, visit: Visit, status: int = 200, refused: str = "") -> HTTPResponse:
    rows = await asyncio.to_thread(list_topics, root_of(request), today_of(request), {})
    waiting = sorted((row for row in rows if row.is_due or not row.approved), key=lambda row: row.review_by)
    return desk_of(request).pages.show(
        "console/studio/review.html",
        status,
        visit=visit,
        due=[row for row in waiting if row.is_due],
        waiting=[row for row in waiting if not row.is_due],
        refused=refused,
        done=request.args.get("done", ""),
        two_persons=request.app.ctx.live.now.profile.two_person_review,
    )
