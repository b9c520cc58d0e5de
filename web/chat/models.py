"""The shapes of the chat API's requests and replies; the OpenAPI description is built from them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Strict(BaseModel):
    """No unknown fields, no silent conversion of types."""

    model_config = ConfigDict(strict=True, extra="forbid")


class SessionRequest(Strict):
    """Starts a conversation."""

    page: str | None = Field(default=None, max_length=200, description="Address of the page the chat is on.")


class MessageRequest(Strict):
    """One thing the visitor said: typed text, or a button's token. Exactly one of the two."""

    client_message_id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description="Made by the client. Sending the same id again returns the first result.",
    )
    text: str | None = None
    choice: str | None = Field(default=None, max_length=4000, description="The token of a button.")


class FeedbackRequest(Strict):
    """Whether an answer helped."""

    message_id: str = Field(min_length=1, max_length=64)
    verdict: Literal["up", "down"]
    reason: str | None = Field(default=None, max_length=300)


class Choice(Strict):
    """A button: its title, and the token to send when it is chosen."""

    title: str
    token: str


class Source(Strict):
    """Where an answer comes from."""

    name: str
    url: str


class Message(Strict):
    """One message of the conversation."""

    id: str
    position: int
    author: Literal["visitor", "assistant"]
    kind: str = Field(description="text, choice, answer, question, urgent, notice or saved")
    text: str
    choices: list[Choice]
    sources: list[Source]
    ask: str | None = Field(description="The detail asked for: name, contact, time, topic, consent, confirm.")
    lead_reference: str | None
    created_at: str = Field(json_schema_extra={"format": "date-time"})


class SessionStarted(Strict):
    """A new conversation: its token (send it as a Bearer token) and the welcome."""

    token: str
    expires_at: str = Field(json_schema_extra={"format": "date-time"})
    messages: list[Message]


class Replies(Strict):
    """The assistant's messages; `limited` when it could not answer and offers the contact page."""

    messages: list[Message]
    limited: bool


class Transcript(Strict):
    """The messages of both sides after a position."""

    messages: list[Message]


class Problem(Strict):
    """What went wrong: a stable code, a sentence for people, and the seconds after which a retry helps."""

    code: str
    message: str
    retry_after: int | None = None


class ErrorReply(Strict):
    """The one shape of every error."""

    error: Problem
