"""The kept releases: which one is live, who published what and why, and the way back."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from content.publishing import Request as PublishRequest
from content.releases import ReleaseNotFound, Releases
from web.console.access import Visit, needs
from web.console.desk import desk_of
from web.console.problems import ConsoleProblem
from web.console.studio.places import PROGRESS_PAGE
from web.console.studio.publish_pages import ask, publishing_desk, read_reason, releases_of


def setup_release_pages(blueprint: Blueprint) -> None:
    """Add the list of releases."""
    blueprint.add_route(show_releases, "/studio/releases", name="releases")
    blueprint.add_route(
        roll_back, "/studio/releases/<release:str>/roll-back", methods=["POST"], name="roll_back"
    )


@needs("publish")
async def show_releases(request: Request, visit: Visit) -> HTTPResponse:
    """Show the kept releases, newest first."""
    return await _show_releases(request, visit)


async def _show_releases(request: Request, visit: Visit, missing: str = "") -> HTTPResponse:
    values = await asyncio.to_thread(_read, releases_of(request))
    desk = publishing_desk(request)
    return desk_of(request).pages.show(
        "console/studio_releases.html",
        400 if missing else 200,
        visit=visit,
        missing=missing,
        is_busy=desk.is_busy() or desk.has_request(),
        **values,
    )


@needs("publish")
async def roll_back(request: Request, visit: Visit, release: str) -> HTTPResponse:
    """Ask the publisher to go back to `release`."""
    try:
        wanted = await asyncio.to_thread(releases_of(request).find, release)
    except ReleaseNotFound:
        raise ConsoleProblem("page_not_found") from None
    why = read_reason(request, "why")
    if not why:
        return await _show_releases(request, visit, missing=wanted.id)
    person = visit.account
    ask(request, PublishRequest("roll_back", person.name or "", person.id, why, release=wanted.id))
    return redirect(PROGRESS_PAGE, status=303)


def _read(releases: Releases) -> dict[str, Any]:
    state = releases.state()
    history = [{**line, "at": datetime.fromisoformat(line["at"])} for line in releases.history()[:50]]
    return {"releases": releases.kept(), "state": state, "history": history}
