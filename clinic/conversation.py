"""What a conversation is, and what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.message import Message


class ConversationNotFound(Exception):
    """There is no such conversation, or it was forgotten."""


class SessionExpired(Exception):
    """The conversation is too old to be continued."""


class MessageNotFound(Exception):
    """There is no such message in this conversation."""


@dataclass(frozen=True)
class StartedConversation:
    """A new conversation. `token` is the visitor's secret, known only now; `engine_id` is for the engine."""

    id: str
    engine_id: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Conversation:
    """A stored conversation."""

    id: str
    engine_id: str
    page: str | None
    started_at: datetime
    last_message_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class AcceptedMessage:
    """A stored message of the visitor. When it is not new, `replies` are the answers it got, if any yet."""

    message: Message
    is_new: bool
    replies: list[Message]
