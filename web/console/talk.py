"""Which lines of a conversation belong to the request form, and how details are hidden from some readers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from clinic.conversations import Message

HIDDEN = "•••"
_CONTACT = re.compile(r"\S+@\S+|\+?\d(?:[\s().-]*\d){6,}")


def mark_form_turns(messages: Iterable[Message]) -> set[str]:
    """Return the ids of the lines that ask for or give a detail of the consultation request."""
    found: set[str] = set()
    is_asking = False
    for message in messages:
        if message.author == "assistant":
            is_asking = message.ask is not None
            if is_asking or message.kind == "saved":
                found.add(message.id)
        elif is_asking and (message.understood or {}).get("decision") not in ("answer", "urgent"):
            found.add(message.id)
    return found


def hide_details(messages: list[Message]) -> list[Message]:
    """Return the lines without contact details, for readers who work on answers and not with people.

    What was said in the form is hidden whole, and numbers and addresses anywhere else.
    """
    form_turns = mark_form_turns(messages)
    hidden = []
    for message in messages:
        is_summary = message.author == "assistant" and message.ask in ("confirm", "consent")
        if message.id in form_turns and (message.author == "visitor" or is_summary):
            hidden.append(replace(message, text=HIDDEN, lead_reference=None))
        else:
            hidden.append(replace(message, text=_CONTACT.sub(HIDDEN, message.text), lead_reference=None))
    return hidden


def hide_contact(text: str) -> str:
    """Return one line without phone numbers and e-mail addresses."""
    return _CONTACT.sub(HIDDEN, text)
