"""Publishing from the console: what would change, the button, how far it has come, and old beside new."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from content.publishing import AlreadyPublishing, PublishingDesk
from content.publishing import Request as PublishRequest
from content.releases import Releases
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.problems import ConsoleProblem
from web.console.studio.places import PROGRESS_PAGE

VERDICTS = ("worse", "better", "changed")
LONGEST_REASON = 300  # characters


def setup_publish_pages(blueprint: Blueprint) -> None:
    """Add the pages of publishing."""
    blueprint.add_route(show_publish, "/studio/publish", name="publish")
    blueprint.add_route(publish, "/studio/publish", methods=["POST"], name="publish_now")
    blueprint.add_route(show_progress, "/studio/publish/progress", name="publish_progress")
    blueprint.add_route(show_comparison, "/studio/publish/comparison", name="publish_comparison")


@needs("publish")
async def show_publish(request: Request, visit: Visit) -> HTTPResponse:
    """Show what the draft changes against the live release."""
    return await _show_publish(request, visit)


async def _show_publish(request: Request, visit: Visit, is_reason_missing: bool = False) -> HTTPResponse:
    changes, problem = await find_changes(request)
    desk = publishing_desk(request)
    return desk_of(request).pages.show(
        "console/studio_publish.html",
        400 if is_reason_missing else 200,
        visit=visit,
        changes=changes,
        problem=problem,
        progress=desk.read(),
        is_busy=desk.is_busy() or desk.has_request(),
        is_reason_missing=is_reason_missing,
        why=read_field(request, "why"),
    )


@needs("publish")
async def publish(request: Request, visit: Visit) -> HTTPResponse:
    """Ask the publisher to publish; only an administrator may override a refusal."""
    why, override = read_reason(request, "why"), read_reason(request, "override")
    if override and not visit.may("override_gate"):
        raise ConsoleProblem("role_refused")
    if not why:
        return await _show_publish(request, visit, is_reason_missing=True)
    person = visit.account
    ask(request, PublishRequest("publish", person.name or "", person.id, why, override))
    return redirect(PROGRESS_PAGE, status=303)


@needs("publish")
async def show_progress(request: Request, visit: Visit) -> HTTPResponse:
    """Show how far the latest request has come; the page asks again by itself while it runs."""
    desk = publishing_desk(request)
    progress, is_waiting = await asyncio.to_thread(lambda: (desk.read(), desk.has_request()))
    is_running = progress is not None and progress.outcome == "running"
    return desk_of(request).pages.show(
        "console/studio_progress.html",
        visit=visit,
        progress=progress,
        is_waiting=is_waiting,
        is_running=is_running and not is_waiting,
        is_cut_short=is_running and not is_waiting and not await asyncio.to_thread(desk.is_busy),
        has_comparison=desk.comparison() is not None,
    )


@needs("publish")
async def show_comparison(request: Request, visit: Visit) -> HTTPResponse:
    """Show which held-out questions change their answer, all or those with one verdict."""
    show = request.args.get("show", "")
    if show not in ("", *VERDICTS):
        raise ConsoleProblem("choice_not_valid")
    comparison = await asyncio.to_thread(publishing_desk(request).comparison)
    return desk_of(request).pages.show(
        "console/studio_comparison.html", visit=visit, comparison=comparison, show=show, verdicts=VERDICTS
    )


def ask(request: Request, wanted: PublishRequest) -> None:
    """Leave a request for the publisher; while another is at work, its progress is shown instead."""
    try:
        publishing_desk(request).ask(wanted)
    except AlreadyPublishing:
        return


def read_reason(request: Request, field: str) -> str:
    """Return a reason of the form, without space around it and not endless."""
    return " ".join(read_field(request, field).split())[:LONGEST_REASON]


def publishing_desk(request: Request) -> PublishingDesk:
    """Return where console and publisher meet."""
    return PublishingDesk(request.app.ctx.settings.publishing_directory)


def releases_of(request: Request) -> Releases:
    """Return the kept releases."""
    return Releases(request.app.ctx.settings.releases_directory)


async def find_changes(request: Request) -> tuple[dict[str, Any] | None, str]:
    """Return what the draft changes, and what keeps us from knowing it.

    A process of its own reads the content: it takes a second of computing, and visitors talk to this one.
    """
    live = releases_of(request).state().live
    if live is None:
        return None, "no_release"
    settings = request.app.ctx.settings
    before = settings.releases_directory / live / "content"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "content.draft_changes", str(before)),
        *(str(settings.working_folder), str(settings.profile_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        return None, errors.decode().strip().splitlines()[-1] if errors.strip() else "unreadable"
    changes: dict[str, Any] = json.loads(output)
    return changes, ""
