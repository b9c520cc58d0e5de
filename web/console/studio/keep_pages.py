"""A visitor's conversation kept as one test: its questions without names and numbers, read by a person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from clinic.audit import add_audit
from clinic.clock import utc_now
from clinic.conversation import ConversationNotFound
from clinic.conversation_list import ReadConversation
from clinic.leads import LeadNotFound
from clinic.masking import mask_person
from clinic.message import Message
from content.kept_tests import KEPT, KeptMessage, TestRefused, keep_as_test
from content.workshop import FileNotSaved
from web.console.access import Visit, needs, read_field
from web.console.desk import desk_of
from web.console.problems import ConsoleProblem
from web.console.studio.drafts import root_of
from web.console.talk import mark_form_turns

MOST_MESSAGES = 20


def setup_keep_pages(blueprint: Blueprint) -> None:
    """Add the page on which a conversation becomes a test."""
    path = "/studio/keep/<conversation:str>"
    blueprint.add_route(show_conversation, path, name="keep_conversation")
    blueprint.add_route(keep_conversation, path, methods=["POST"], name="keep_conversation_now")


@needs("edit_answers")
async def show_conversation(request: Request, visit: Visit, conversation: str) -> HTTPResponse:
    """Show the questions of a conversation, masked, to be confirmed."""
    try:
        found = await asyncio.to_thread(
            desk_of(request).conversation_list.read, conversation, visit.account.id
        )
        names = await asyncio.to_thread(_find_names, request, found)
    except ConversationNotFound:
        raise ConsoleProblem("conversation_not_found") from None
    asked = [
        {"text": mask_person(message.text, names), "topic": topic_of(message), "is_kept": True}
        for message in questions_of(found.messages)
    ]
    return await _show(request, visit, conversation, asked)


@needs("edit_answers")
async def keep_conversation(request: Request, visit: Visit, conversation: str) -> HTTPResponse:
    """Write what was confirmed into the conversation tests."""
    asked = list(_read_form(request))
    chosen = [KeptMessage(one["text"], one["topic"]) for one in asked if one["is_kept"]]
    try:
        name = await asyncio.to_thread(keep_as_test, root_of(request), *chosen)
    except TestRefused as error:
        return await _show(request, visit, conversation, asked, 400, refused=str(error))
    except FileNotSaved:
        return await _show(request, visit, conversation, asked, 503, is_disk_full=True)

    def write_down() -> None:
        with request.app.ctx.database.transaction() as session:
            add_audit(session, utc_now(), visit.account.id, "test_kept", ("topic", str(KEPT)))

    await asyncio.to_thread(write_down)
    return await _show(request, visit, conversation, asked, kept=name)


def questions_of(messages: list[Message]) -> list[Message]:
    """Return the visitor's lines that were answered as questions: nothing of the request form, no button."""
    in_form = mark_form_turns(messages)
    return [
        message
        for message in messages
        if message.author == "visitor"
        and message.id not in in_form
        and message.kind == "text"
        and (message.understood or {}).get("decision") == "answer"
        and topic_of(message)
    ][:MOST_MESSAGES]


def topic_of(message: Message) -> str:
    """Return the topic that answered a message; empty when it was no topic."""
    intent = str((message.understood or {}).get("intent") or "")
    return intent.removeprefix("ask_") if intent.startswith("ask_") else ""


def _find_names(request: Request, found: ReadConversation) -> list[str]:
    """Return the names that the visitor gave: in the request, or when asked for one."""
    names, asks_name = [], False
    for message in found.messages:
        if message.author == "visitor" and asks_name:
            names.append(message.text)
        asks_name = message.author == "assistant" and message.ask == "name"
    if found.lead_reference:
        with suppress(LeadNotFound):
            names.append(desk_of(request).leads.find_by_reference(found.lead_reference).name)
    return names


def _read_form(request: Request) -> Iterator[dict[str, Any]]:
    for number in range(MOST_MESSAGES):
        if topic := read_field(request, f"topic-{number}"):
            text = read_field(request, f"text-{number}")
            yield {"text": text, "topic": topic, "is_kept": bool(read_field(request, f"keep-{number}"))}


async def _show(
    request: Request,
    visit: Visit,
    conversation: str,
    asked: list[dict[str, Any]],
    status: int = 200,
    **told: Any,
) -> HTTPResponse:
    paths = await asyncio.to_thread(lambda: sorted((root_of(request) / "data" / "faq").glob("*.yml")))
    shown = {"refused": "", "kept": "", "is_disk_full": False}
    return desk_of(request).pages.show(
        "console/studio/keep.html",
        status,
        visit=visit,
        conversation=conversation,
        asked=asked,
        topics=[path.stem for path in paths],
        longest=request.app.ctx.settings.maximum_message_length,
        **{**shown, **told},
    )
