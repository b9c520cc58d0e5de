"""All conversations, to read: what visitors asked, what the assistant understood, and what it answered."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.conversation import ConversationNotFound
from clinic.conversation_list import KINDS
from web.console.access import Visit, needs, read_field
from web.console.cookies import CONVERSATION_SEARCH, drop_cookie, read_cookie, set_cookie
from web.console.desk import desk_of
from web.console.list_filter import LONGEST_SEARCH
from web.console.places import CONVERSATIONS_PAGE
from web.console.problems import ConsoleProblem
from web.console.talk import hide_contact, hide_details, mark_form_turns


def setup_conversation_pages(blueprint: Blueprint) -> None:
    """Add the list of conversations and the page of one."""
    blueprint.add_route(show_conversations, "/conversations", name="conversations")
    blueprint.add_route(
        search_conversations, "/conversations/search", methods=["POST"], name="search_conversations"
    )
    blueprint.add_route(show_conversation, "/conversations/<conversation:str>", name="conversation")


@needs("read_conversations")
async def show_conversations(request: Request, visit: Visit) -> HTTPResponse:
    """Show the conversations of the kind in the address, the latest first."""
    kind, before = request.args.get("kind", ""), request.args.get("before")
    search = (read_cookie(request, CONVERSATION_SEARCH) or "")[:LONGEST_SEARCH]
    desk = desk_of(request)
    try:
        page = await asyncio.to_thread(desk.conversation_list.list, kind, search, before)
    except ValueError:
        raise ConsoleProblem("choice_not_valid") from None
    listed = page.conversations
    if not visit.may("read_leads"):
        listed = [
            replace(one, first_text=hide_contact(one.first_text), lead_reference=None) for one in listed
        ]
    return desk.pages.show(
        "console/conversations.html",
        visit=visit,
        conversations=listed,
        next=page.next,
        before=before,
        kind=kind,
        kinds=KINDS,
        search=search,
        longest_search=LONGEST_SEARCH,
    )


@needs("read_conversations")
async def search_conversations(request: Request, visit: Visit) -> HTTPResponse:
    """Keep what was searched for in a cookie, as the search of requests does."""
    search = " ".join(read_field(request, "search").split())[:LONGEST_SEARCH]
    response = redirect(CONVERSATIONS_PAGE, status=303)
    if search:
        set_cookie(request, response, CONVERSATION_SEARCH, search)
    else:
        drop_cookie(request, response, CONVERSATION_SEARCH)
    return response


@needs("read_conversations")
async def show_conversation(request: Request, visit: Visit, conversation: str) -> HTTPResponse:
    """Show one conversation; who has no business with requests sees no contact details."""
    desk = desk_of(request)
    try:
        found = await asyncio.to_thread(desk.conversation_list.read, conversation, visit.account.id)
    except ConversationNotFound:
        raise ConsoleProblem("conversation_not_found") from None
    sees_people = visit.may("read_leads")
    return desk.pages.show(
        "console/conversation_page.html",
        visit=visit,
        found=found,
        messages=found.messages if sees_people else hide_details(found.messages),
        form_turns=mark_form_turns(found.messages),
        lead_reference=found.lead_reference if sees_people else None,
        is_hidden=not sees_people,
    )
