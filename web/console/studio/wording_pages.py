"""Writes wordings of the inbox into a question's draft, after a person has read each of them."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.audit import add_audit
from clinic.clock import utc_now
from clinic.inbox import InboxWording
from clinic.inbox_decisions import Confirmed, QuestionChangedMeanwhile, QuestionNotFound
from content.editor import EditRefused, write_draft
from content.files import ContentUnreadable
from content.new_wordings import WordingRefused, add_wordings, find_warnings
from content.workshop import ChangedMeanwhile, FileNotSaved, OpenFile, open_file, save_draft
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.places import INBOX_PAGE
from web.console.problems import ConsoleProblem
from web.console.studio.chosen import Row, confirm, new_rows, posted_chosen, posted_rows, read_chosen
from web.console.studio.drafts import path_of, root_of, today_of
from web.console.studio.topic_names import TopicName, list_topic_names, suggest_topics

WRITE_PAGE = "/studio/inbox/write"
OUT_OF_SCOPE = "safety/out_of_scope"


def setup_wording_pages(blueprint: Blueprint) -> None:
    """Add the page on which wordings are read, confirmed and written."""
    blueprint.add_route(show_wordings, WRITE_PAGE, name="inbox_write")
    blueprint.add_route(write_wordings, WRITE_PAGE, methods=["POST"], name="write_wordings")


@dataclass(frozen=True)
class _Form:
    """What the page shows: the wordings, and the question they go to (`place`, empty before it is chosen)."""

    wordings: list[InboxWording]
    rows: list[Row]
    place: str
    names: list[TopicName]


@needs("use_inbox")
async def show_wordings(request: Request, visit: Visit) -> HTTPResponse:
    """Show the wordings that the address names, each to be read and confirmed."""
    wordings = await find_wordings(
        request, [one.id for one in read_chosen(request.args.getlist("chosen", []))]
    )
    names = await asyncio.to_thread(list_topic_names, root_of(request))
    place = OUT_OF_SCOPE if request.args.get("place") == OUT_OF_SCOPE else ""
    return _show(request, visit, _Form(wordings, new_rows(wordings), place, names))


@needs("use_inbox")
async def write_wordings(request: Request, visit: Visit) -> HTTPResponse:
    """Write the confirmed wordings, or show the page again with what stands against it."""
    wordings = await find_wordings(request, [one.id for one in posted_chosen(request)])
    names = await asyncio.to_thread(list_topic_names, root_of(request))
    place = read_field(request, "place")
    form = _Form(wordings, posted_rows(request, wordings), place, names)
    if place not in {OUT_OF_SCOPE, *(name.place for name in names)}:
        raise ConsoleProblem("choice_not_valid")
    path = path_of(request, *place.split("/"))
    try:
        confirmed = confirm(form.rows)
        if _is_stale(form, confirmed):
            raise ConsoleProblem("wordings_changed")
        opened = await asyncio.to_thread(open_file, root_of(request), path)
        warnings = await _find_warnings(request, opened, confirmed)
        digest = hashlib.sha256("\n".join(warnings).encode()).hexdigest()[:16]
        if warnings and read_field(request, "seen") != digest:
            return _show(request, visit, form, warnings=warnings, seen=digest)
        await asyncio.to_thread(_write, request, visit, opened, place, confirmed)
    except (WordingRefused, EditRefused) as error:
        return _show(request, visit, form, 400, problem=str(error))
    except ContentUnreadable as error:
        return _show(request, visit, form, 409, broken=str(error), path=path)
    except ChangedMeanwhile:
        return _show(request, visit, form, 409, problem="The file was changed at the same moment. Try again.")
    except FileNotSaved as error:
        reason = f"The file could not be written ({error}). Tell the administrator."
        return _show(request, visit, form, 503, problem=reason)
    except (QuestionChangedMeanwhile, QuestionNotFound) as error:
        raise changed_problem(error) from error
    return redirect(f"{INBOX_PAGE}?done=written&place={place.replace('/', '%2F')}", status=303)


async def find_wordings(request: Request, question_ids: list[str]) -> list[InboxWording]:
    """Return the wordings; raises ConsoleProblem wordings_gone unless all are there."""
    inbox = desk_of(request).inbox
    found: list[InboxWording] = await asyncio.to_thread(inbox.find, question_ids)
    if not found or len(found) != len(question_ids):
        raise ConsoleProblem("wordings_gone")
    return found


def _is_stale(form: _Form, confirmed: list[Confirmed]) -> bool:
    """Say whether somebody decided meanwhile; the same written twice, as by a second click, is no change."""
    words = {one.chosen.id: one for one in confirmed}
    return any(
        one.id in words
        and one.version != words[one.id].chosen.version
        and (
            one.outcome is None
            or (one.outcome.place, one.outcome.wording) != (form.place, words[one.id].wording)
        )
        for one in form.wordings
    )


def changed_problem(error: Exception) -> ConsoleProblem:
    """Return the problem to show when wordings are no longer as they were shown."""
    return ConsoleProblem("wordings_gone" if isinstance(error, QuestionNotFound) else "wordings_changed")


async def _find_warnings(request: Request, opened: OpenFile, confirmed: list[Confirmed]) -> list[str]:
    words = [one.wording for one in confirmed]

    def write() -> str:
        return write_draft(opened.text, opened.path, add_wordings(opened.draft(), words))

    text = await asyncio.to_thread(write)
    checker = request.app.ctx.studio_checker
    return find_warnings(await checker.check(root_of(request), opened.path, text, today_of(request)), words)


def _write(request: Request, visit: Visit, opened: OpenFile, place: str, confirmed: list[Confirmed]) -> None:
    """Note what becomes of the wordings and write the file: both or neither."""
    draft = add_wordings(opened.draft(), [one.wording for one in confirmed])
    with desk_of(request).inbox_decisions.writing(confirmed, place, visit.account.id):
        changed = save_draft(root_of(request), opened.path, opened.version, draft)
    if changed:
        write_down_wordings(request, visit, opened.path)


def write_down_wordings(request: Request, visit: Visit, path: Path) -> None:
    """Audit that wordings of a content file were changed; the words themselves stand in the file."""
    with request.app.ctx.database.transaction() as session:
        detail = {"changed": ["wordings"]}
        add_audit(session, utc_now(), visit.account.id, "topic_changed", ("topic", str(path)), detail)


def _show(request: Request, visit: Visit, form: _Form, status: int = 200, **values: Any) -> HTTPResponse:
    shown = {"problem": "", "broken": "", "path": "", "warnings": [], "seen": ""}
    return desk_of(request).pages.show(
        "console/studio/write.html",
        status,
        visit=visit,
        rows=form.rows,
        place=form.place,
        is_out_of_scope=form.place == OUT_OF_SCOPE,
        suggested=suggest_topics(form.names, form.wordings),
        names=form.names,
        **{**shown, **values},
    )
