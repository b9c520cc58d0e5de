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
from clinic.contact_withdrawal import ContactWithdrawal
from clinic.conversation_list import ConversationList
from clinic.conversations import Conversations
from clinic.heartbeat import Heartbeats
from clinic.inbox import Inbox
from clinic.inbox_decisions import InboxDecisions
from clinic.lead_bulk import LeadBulk
from clinic.lead_desk import LeadDesk
from clinic.lead_duplicates import LeadDuplicates
from clinic.lead_export import LeadExport
from clinic.lead_notes import LeadNotes
from clinic.lead_removal import LeadRemoval
from clinic.lead_topics import topic_titles
from clinic.leads import Leads
from clinic.learning import Learning
from clinic.numbers import Numbers
from clinic.outbox import Outbox
from clinic.people import People
from clinic.person_file import PersonFile
from clinic.saved_views import SavedViews
from clinic.second_step import SecondStep
from clinic.staff import Staff
from web.chat.forgetting import Forgetting
from web.console.message_text import read_blocks, read_intent_words
from web.console.moments import (
    age_now,
    format_clinic_time,
    format_clock,
    format_day,
    format_machine_time,
    format_short_time,
    is_past,
)
from web.console.studio_rooms import ROOMS
from web.pages import Pages

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Desk:
    """The parts that the console's handlers use; made once when the application is built."""

    zone: ZoneInfo
    call_within: timedelta
    staff: Staff
    people: People
    second_step: SecondStep
    leads: Leads
    lead_desk: LeadDesk
    notes: LeadNotes
    duplicates: LeadDuplicates
    removal: LeadRemoval
    withdrawal: ContactWithdrawal
    person_file: PersonFile
    bulk: LeadBulk
    views: SavedViews
    export: LeadExport
    conversations: Conversations
    conversation_list: ConversationList
    numbers: Numbers
    learning: Learning
    audit: Audit
    outbox: Outbox
    heartbeats: Heartbeats
    inbox: Inbox
    inbox_decisions: InboxDecisions
    forgetting: Forgetting
    pages: Pages

    def names(self) -> dict[str, str]:
        """Return the name of every person by staff id."""
        return {account.id: account.name for account in self.staff.list()}


def build_desk(app: Sanic[Any, Any]) -> Desk:
    """Return the desk for `app`; its `app.ctx` has settings, live content, database, engine, signing key."""
    context = app.ctx
    settings, database = context.settings, context.database
    zone = ZoneInfo(context.live.now.profile.time_zone)  # another one counts after the next start
    call_within = timedelta(hours=settings.call_within_hours)
    return Desk(
        zone=zone,
        call_within=call_within,
        staff=Staff(
            database,
            idle=timedelta(minutes=settings.console_idle_minutes),
            absolute=timedelta(hours=settings.console_absolute_hours),
        ),
        people=People(database),
        second_step=SecondStep(database, context.signing_key),
        leads=Leads(database, call_within=call_within),
        lead_desk=LeadDesk(database),
        notes=LeadNotes(database),
        duplicates=LeadDuplicates(database),
        removal=LeadRemoval(database),
        withdrawal=ContactWithdrawal(database),
        person_file=PersonFile(database),
        bulk=LeadBulk(database),
        views=SavedViews(database),
        export=LeadExport(database),
        conversations=context.conversations,
        conversation_list=ConversationList(database),
        numbers=Numbers(database, zone),
        learning=Learning(database, zone),
        audit=Audit(database),
        outbox=Outbox(database),
        heartbeats=Heartbeats(database),
        inbox=Inbox(database),
        inbox_decisions=InboxDecisions(database),
        forgetting=Forgetting(context.engine),
        pages=_build_pages(app, zone),
    )


def _build_pages(app: Sanic[Any, Any], zone: ZoneInfo) -> Pages:
    live = app.ctx.live
    pages = Pages(lambda: live.now.profile, [TEMPLATES])
    pages.environment.filters |= {
        "age": age_now,
        "zip": zip,
        "is_past": is_past,
        "clinic_time": lambda moment: format_clinic_time(moment, zone),
        "short_time": lambda moment: format_short_time(moment, zone),
        "clock": lambda moment: format_clock(moment, zone),
        "day": format_day,
        "machine_time": format_machine_time,
        "phone": format_phone,
        "blocks": read_blocks,
        "intent_words": read_intent_words,
    }
    pages.environment.globals |= {
        "studio_rooms": ROOMS,
        "topic_titles": topic_titles(),
        "approval_note": lambda: not live.now.profile.require_clinic_approval,
    }
    return pages


def desk_of(request: Request) -> Desk:
    """Return the desk of the application that serves `request`."""
    return cast(Desk, request.app.ctx.console_desk)
