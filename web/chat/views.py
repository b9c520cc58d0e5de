"""Shows stored messages as the chat API promises them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clinic.conversations import Message as StoredMessage
from web.chat import models
from web.chat.choices import Choice, ChoiceTokens


class MessageViews:
    """Turns stored messages into API messages; buttons get their signed tokens here."""

    def __init__(self, tokens: ChoiceTokens) -> None:
        """Take what signs the buttons."""
        self._tokens = tokens

    def show(self, conversation_id: str, messages: Iterable[StoredMessage]) -> list[dict[str, Any]]:
        """Return the API's messages, ready for JSON."""
        return [self._show(conversation_id, message) for message in messages]

    def _show(self, conversation_id: str, message: StoredMessage) -> dict[str, Any]:
        shown = models.Message(
            id=message.id,
            position=message.position,
            author="visitor" if message.author == "visitor" else "assistant",
            kind=message.kind,
            text=message.text,
            choices=[self._offer(conversation_id, Choice(**choice)) for choice in message.choices],
            sources=[models.Source(name=source["name"], url=source["url"]) for source in message.sources],
            ask=message.ask,
            lead_reference=message.lead_reference,
            created_at=message.created_at.isoformat(),
        )
        return shown.model_dump()

    def _offer(self, conversation_id: str, choice: Choice) -> models.Choice:
        return models.Choice(title=choice.title, token=self._tokens.sign(conversation_id, choice))
