"""Calls the language engine over loopback HTTP and checks what it says."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from clinic.message import ReplyKind
from web.chat.choices import Choice

LOG = logging.getLogger("clinic.web.engine")
TURNS = "/webhooks/gateway/turns"
UNDERSTAND = "/webhooks/gateway/understand"
UNDERSTAND_SECONDS = 4.0
HEALTH = "/webhooks/gateway/health"
CONVERSATIONS = "/webhooks/gateway/conversations"
HEALTH_SECONDS = 2.0
FORGET_SECONDS = 5.0
# A refused connection means a restart is under way: a moment later it may be back, and nothing was sent yet.
REFUSED_PAUSE_SECONDS = 0.2


class EngineUnavailable(Exception):
    """The engine gave no usable answer; the message names the reason, never what the visitor wrote.

    `is_outage` when the engine as a whole seems broken, not only its handling of this message.
    """

    def __init__(self, reason: str, *, is_outage: bool = False) -> None:
        """Take the reason, and whether the engine as a whole seems broken."""
        super().__init__(reason)
        self.is_outage = is_outage


class EngineSource(BaseModel):
    """Where an answer comes from."""

    name: str
    url: str


class EngineReply(BaseModel):
    """One reply of a turn."""

    name: str = ""
    kind: ReplyKind
    text: str = Field(min_length=1)
    choices: list[Choice] = []
    sources: list[EngineSource] = []
    ask: str | None = None
    lead_reference: str | None = None


class EngineTurn(BaseModel):
    """All replies of a turn, and how the message was understood."""

    replies: list[EngineReply] = Field(min_length=1)
    understood: dict[str, Any] | None = None


class EngineClient:
    """Talks to one engine."""

    def __init__(self, url: str, secret: str) -> None:
        """Take the engine's address and the shared secret of its channel."""
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {secret}"},
            timeout=None,  # the caller's deadline covers the whole turn, waiting included
            trust_env=False,
        )

    async def take_turn(
        self, conversation: str, message_id: str, text: str, choice: Choice | None = None
    ) -> EngineTurn:
        """Forward one message and return the engine's turn; raises EngineUnavailable.

        `message_id` makes a repeated call safe: the engine answers it with its first replies.
        """
        body: dict[str, Any] = {"conversation": conversation, "message_id": message_id}
        if choice is None:
            body["text"] = text
        else:
            body["choice"] = choice.model_dump(include={"intent", "values"})
        response = await self._post(body)
        if response.status_code != 200:
            is_outage = response.status_code == 503
            raise EngineUnavailable(f"status {response.status_code}", is_outage=is_outage)
        try:
            return EngineTurn.model_validate_json(response.content)
        except ValidationError as error:
            kinds = sorted({problem["type"] for problem in error.errors(include_input=False)})
            raise EngineUnavailable(f"not a turn: {', '.join(kinds)}", is_outage=True) from None

    async def _post(self, body: dict[str, Any]) -> httpx.Response:
        try:
            try:
                return await self._client.post(TURNS, json=body)
            except httpx.ConnectError:
                await asyncio.sleep(REFUSED_PAUSE_SECONDS)
                return await self._client.post(TURNS, json=body)
        except httpx.HTTPError as error:
            raise EngineUnavailable(type(error).__name__, is_outage=True) from error

    async def understand(self, text: str) -> dict[str, Any]:
        """Return how the engine understands `text`, outside any conversation; raises EngineUnavailable."""
        try:
            response = await self._client.post(UNDERSTAND, json={"text": text}, timeout=UNDERSTAND_SECONDS)
            understood = response.json()["understood"] if response.status_code == 200 else None
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise EngineUnavailable(type(error).__name__) from error
        if not isinstance(understood, dict):
            raise EngineUnavailable(f"status {response.status_code}")
        return understood

    async def is_ready(self) -> bool:
        """Tell whether the engine says that its model is loaded, within 2 s."""
        try:
            response = await self._client.get(HEALTH, timeout=HEALTH_SECONDS)
            return response.status_code == 200 and response.json().get("ready") is True
        except (httpx.HTTPError, ValueError, AttributeError) as error:
            LOG.warning("engine health: %s", type(error).__name__)
            return False

    async def forget(self, conversation: str) -> None:
        """Make the engine delete what it knows of the conversation; raises EngineUnavailable."""
        try:
            response = await self._client.delete(f"{CONVERSATIONS}/{conversation}", timeout=FORGET_SECONDS)
        except httpx.HTTPError as error:
            raise EngineUnavailable(type(error).__name__) from error
        if response.status_code not in (204, 404):
            raise EngineUnavailable(f"status {response.status_code}")

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
