"""What a message is: one line of a conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from clinic.storage import tables

# What the assistant's lines may be: the content files, the engine, the chat API and the widget all use these.
ReplyKind = Literal["text", "answer", "question", "urgent", "notice", "saved"]
REPLY_KINDS: tuple[str, ...] = get_args(ReplyKind)


@dataclass(frozen=True)
class NewReply:
    """A line of the assistant to store."""

    kind: str
    text: str
    choices: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    ask: str | None = None
    lead_reference: str | None = None

    def content(self) -> dict[str, Any]:
        """Return everything but kind and text, as it is stored."""
        return {
            "choices": self.choices,
            "sources": self.sources,
            "ask": self.ask,
            "lead_reference": self.lead_reference,
        }


@dataclass(frozen=True)
class Message:
    """A stored line; positions start at 1.

    A visitor's line has `client_message_id`, `state` (accepted, answered, unanswered) and, once answered,
    `understood`: what the engine made of it. An assistant's line has `in_reply_to`, the id of that line.
    """

    id: str
    conversation_id: str
    position: int
    author: str
    client_message_id: str | None
    in_reply_to: str | None
    kind: str
    text: str
    choices: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    ask: str | None
    lead_reference: str | None
    understood: dict[str, Any] | None
    state: str | None
    created_at: datetime


def to_message(row: tables.Message) -> Message:
    """Return the message in a row of the table."""
    content = {"choices": [], "sources": [], "ask": None, "lead_reference": None, **row.content}
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        position=row.position,
        author=row.author,
        client_message_id=row.client_message_id,
        in_reply_to=row.in_reply_to,
        kind=row.kind,
        text=row.text,
        understood=row.understood,
        state=row.state,
        created_at=row.created_at,
        **content,
    )
