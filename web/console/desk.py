"""What the console's pages work with: the clinic's parts and the console's own templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from sanic import Request, Sanic

from clinic.audit import Audit
from clinic.contact import format_phone
from clinic.conversations import Conversations
from clinic.lead_topics import topic_titles
from clinic.leads import Leads
from clinic.outbox import Outbox
from clinic.staff import Staff
from web.console.message_text import read_blocks, read_intent_words
from web.console.moments import age_now, format_clinic_time, format_clock, format_machine_time
from web.pages import Pages

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Desk:
    """The parts that the console's handlers use; made once when the application is built."""

    staff: Staff
    leads: Leads
    conversations: Conversations
    audit: Audit
    outbox: Outbox
    pages: Pages


def build_desk(app: Sanic[Any, Any]) -> Desk:
    """Return the desk for `app`; its `app.ctx` holds settings, profile, database, leads and conversations."""
    context = app.ctx
    staff = Staff(
        context.database,
        idle=timedelta(minutes=context.settings.console_idle_minutes),
        absolute=timedelta(hours=context.settings.console_absolute_hours),
    )
    return Desk(
        staff=staff,
        leads=context.leads,
        conversations=context.conversations,
        audit=Audit(context.database),
        outbox=Outbox(context.database),
        pages=_build_pages(app),
    )


def _build_pages(app: Sanic[Any, Any]) -> Pages:
    profile = app.ctx.profile
    zone = ZoneInfo(profile.time_zone)
    pages = Pages(profile, [TEMPLATES])
    pages.environment.filters |= {
        "age": age_now,
        "clinic_time": lambda moment: format_clinic_time(moment, zone),
        "clock": lambda moment: format_clock(moment, zone),
        "machine_time": format_machine_time,
        "phone": format_phone,
        "blocks": read_blocks,
        "intent_words": read_intent_words,
    }
    pages.environment.globals |= {
        "topic_titles": topic_titles(),
        "approval_note": not profile.require_clinic_approval,
    }
    return pages


def desk_of(request: Request) -> Desk:
    """Return the desk of the application that serves `request`."""
    return cast(Desk, request.app.ctx.console_desk)
