"""Whether notices to the team leave: the process that sends them, the channels, and what waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.lead import LeadNotFound
from clinic.notifier import NAME, build_channels
from clinic.outbox import NotificationNotFound
from web.console.access import Visit, needs
from web.console.desk import Desk, desk_of
from web.console.places import NOTICES_PAGE
from web.console.problems import ConsoleProblem

SILENT_AFTER = timedelta(minutes=2)  # the notifier shows itself every few seconds


def setup_notice_pages(blueprint: Blueprint) -> None:
    """Add the health page of notices."""
    blueprint.add_route(show_notices, "/notices", name="notices")
    blueprint.add_route(resend, "/notices/<notice:str>/resend", methods=["POST"], name="resend")


@needs("read_notices")
async def show_notices(request: Request, visit: Visit) -> HTTPResponse:
    """Show what waits and why."""
    desk = desk_of(request)
    values = await asyncio.to_thread(_read, desk)
    channels = [channel.name for channel in build_channels(request.app.ctx.settings)]
    return desk.pages.show("console/notices.html", visit=visit, channels=channels, **values)


@needs("read_notices")
async def resend(request: Request, visit: Visit, notice: str) -> HTTPResponse:
    """Send one notice again now."""
    try:
        await asyncio.to_thread(desk_of(request).outbox.resend, notice, visit.account.id)
    except NotificationNotFound:
        raise ConsoleProblem("choice_not_valid") from None
    return redirect(NOTICES_PAGE, status=303)


def _read(desk: Desk) -> dict[str, Any]:
    last_seen = desk.heartbeats.last(NAME)
    waiting = []
    for notification in desk.outbox.list_waiting():
        try:
            waiting.append((notification, desk.leads.find(notification.lead_id).reference))
        except LeadNotFound:  # deleted between the two looks
            continue
    return {
        "last_seen": last_seen,
        "is_silent": last_seen is None or datetime.now(UTC) - last_seen > SILENT_AFTER,
        "waiting": waiting,
        "total": desk.outbox.count_waiting(),
    }
