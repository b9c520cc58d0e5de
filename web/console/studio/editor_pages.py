"""One content file to read and to change: its form, the check beside it, and saving."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json, redirect

from clinic.audit import add_audit
from clinic.clock import utc_now
from content.draft import Draft
from content.editor import EditRefused, write_draft
from content.files import ContentUnreadable
from content.topic_check import TopicCheck
from content.workshop import ChangedMeanwhile, FileNotSaved, OpenFile, open_file, save_draft
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.studio.draft_form import FormNotReadable, keep_review_honest, read_form
from web.console.studio.drafts import address_of, path_of, root_of, today_of
from web.console.studio.preview import preview_message

TOPIC = "/studio/topics/<folder:str>/<topic:str>"


def setup_editor_pages(blueprint: Blueprint) -> None:
    """Add the page of a content file, saving it, and the check that its script asks for."""
    blueprint.add_route(show_topic, TOPIC, name="topic")
    blueprint.add_route(save_topic, TOPIC, methods=["POST"], name="save_topic")
    blueprint.add_route(check_topic, f"{TOPIC}/check", methods=["POST"], name="check_topic")


@needs("edit_answers")
async def show_topic(request: Request, visit: Visit, folder: str, topic: str) -> HTTPResponse:
    """Show the file's form; a file that is broken is shown with the line where it breaks."""
    path = path_of(request, folder, topic)
    try:
        opened = await asyncio.to_thread(open_file, root_of(request), path)
        draft = await asyncio.to_thread(opened.draft)
    except ContentUnreadable as error:
        return _show_broken(request, visit, path, error)
    return await _show(request, visit, opened, draft, done=request.args.get("done", ""))


@needs("edit_answers")
async def save_topic(request: Request, visit: Visit, folder: str, topic: str) -> HTTPResponse:
    """Save the form, or show it again with what was typed and why it was not saved."""
    path, root = path_of(request, folder, topic), root_of(request)
    try:
        opened = await asyncio.to_thread(open_file, root, path)
        before = await asyncio.to_thread(opened.draft)
    except ContentUnreadable as error:
        return _show_broken(request, visit, path, error)
    draft, version = before, read_field(request, "version")
    try:
        draft = read_form(request, before)
        if read_field(request, "wish") == "check":
            return await _show(request, visit, opened, draft, version=version)
        draft = keep_review_honest(before, draft, visit.account.name)
        changed = await asyncio.to_thread(save_draft, root, path, version, draft)
    except (FormNotReadable, EditRefused) as error:
        return await _show(request, visit, opened, draft, status=400, problem=str(error), version=version)
    except ChangedMeanwhile:
        return await _show(request, visit, opened, draft, status=409, changed_meanwhile=True)
    except FileNotSaved as error:
        return await _show(request, visit, opened, draft, 503, not_saved=str(error), version=version)
    if changed:
        await asyncio.to_thread(_write_down, request, visit, path, before, draft)
    return redirect(f"{address_of(path)}?done={'saved' if changed else 'same'}", status=303)


def _write_down(request: Request, visit: Visit, path: Path, before: Draft, after: Draft) -> None:
    """Audit the change by its kinds; the words themselves stand in the file."""
    parts = list(zip(before.intents, after.intents, strict=True))
    changed = {
        "wordings": any(old.wordings != new.wordings for old, new in parts),
        "record": any(old.record != new.record for old, new in parts),
        "answers": before.variants != after.variants,
    }
    detail = {"changed": [name for name, is_changed in changed.items() if is_changed]}
    with request.app.ctx.database.transaction() as session:
        add_audit(session, utc_now(), visit.account.id, "topic_changed", ("topic", str(path)), detail)


@needs("edit_answers")
async def check_topic(request: Request, visit: Visit, folder: str, topic: str) -> HTTPResponse:
    """Return the check of the form as JSON: notes, similar wordings, meters, previews. Saves nothing."""
    path = path_of(request, folder, topic)
    try:
        opened = await asyncio.to_thread(open_file, root_of(request), path)
        draft = read_form(request, opened.draft())
        checked = await _check(request, opened, draft)
    except (ContentUnreadable, EditRefused, FormNotReadable) as error:
        return json({"error": {"code": "draft_not_readable", "message": str(error)}}, status=400)
    previews = [preview_message(request, variant) for variant in draft.variants]
    return json({**asdict(checked), "previews": previews})


async def _check(request: Request, opened: OpenFile, draft: Draft) -> TopicCheck:
    text = await asyncio.to_thread(write_draft, opened.text, opened.path, draft)
    checker = request.app.ctx.studio_checker
    checked: TopicCheck = await checker.check(root_of(request), opened.path, text, today_of(request))
    return checked


async def _show(
    request: Request, visit: Visit, opened: OpenFile, draft: Draft, status: int = 200, **values: Any
) -> HTTPResponse:
    """Show the form with `draft` in its fields and the check of it."""
    problem = values.pop("problem", "")
    try:
        checked = await _check(request, opened, draft)
    except (ContentUnreadable, EditRefused) as error:
        checked, problem, status = None, problem or str(error), max(status, 400)
    shown = {"done": "", "changed_meanwhile": False, "not_saved": "", "version": opened.version}
    return desk_of(request).pages.show(
        "console/studio/topic.html",
        status,
        visit=visit,
        path=opened.path,
        address=address_of(opened.path),
        draft=draft,
        typed=request.form if problem else None,
        checked=checked,
        problem=problem,
        previews=[preview_message(request, variant) for variant in draft.variants],
        **{**shown, **values},
    )


def _show_broken(request: Request, visit: Visit, path: Path, error: ContentUnreadable) -> HTTPResponse:
    return desk_of(request).pages.show(
        "console/studio/broken.html", 409, visit=visit, path=path, problem=str(error)
    )
