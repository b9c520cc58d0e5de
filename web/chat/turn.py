"""What goes into a turn and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from clinic.conversations import Message, NewReply
from web.chat.choices import Choice
from web.chat.engine import EngineReply


@dataclass(frozen=True)
class Said:
    """What the visitor sent: the client's id for it, its text (a button's title), and the button if one.

    `was_masked`: a number that nobody should keep was taken out of the text.
    """

    client_message_id: str
    text: str
    choice: Choice | None = None
    was_masked: bool = False

    @property
    def kind(self) -> str:
        """The kind under which the message is stored: text or choice."""
        return "text" if self.choice is None else "choice"


@dataclass(frozen=True)
class TurnResult:
    """The assistant's messages; `limited` when the engine could not answer."""

    messages: list[Message]
    limited: bool


@dataclass(frozen=True)
class Outcome:
    """What is to be recorded for a turn; `name` is "answered" or the notice that was given."""

    replies: list[NewReply]
    understood: dict[str, Any] | None
    name: str = "answered"

    @property
    def answered(self) -> bool:
        """Whether the engine's words are what the visitor gets."""
        return self.name == "answered"


class TurnCounter(Protocol):
    """Counts turns for the monitor."""

    def count_turn(self, outcome: str, decision: str | None, seconds: float, engine_seconds: float) -> None:
        """Count one turn and the seconds it took, in all and in the engine."""


def as_new_reply(reply: EngineReply) -> NewReply:
    """Return the engine's reply as it is stored."""
    return NewReply(
        kind=reply.kind,
        text=reply.text,
        choices=[choice.model_dump() for choice in reply.choices],
        sources=[source.model_dump() for source in reply.sources],
        ask=reply.ask,
        lead_reference=reply.lead_reference,
    )
