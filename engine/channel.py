"""The engine's only open door: one turn of a conversation, asked by the gateway over loopback.

Rasa's own REST channel answers 200 and an empty list when anything goes wrong, trusts whoever calls, and
lets a visitor type `/any_intent{"slot": "value"}`. This channel asks for a shared secret, answers with a
proper status, treats an empty reply as a failure, and never reads a typed text as a command: a chosen
button comes as its own kind of message.
"""

from __future__ import annotations

import hmac
import json
import logging
import uuid
from typing import Any, Awaitable, Callable, Dict, Optional, Text

import rasa.core.actions.action
import rasa.utils.endpoints
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from engine.continuation import continue_conversation
from engine.log_redaction import redact_logs
from engine.release_loading import LoadedRelease, ReleaseUnknown
from engine.sentence_vectors import BadTexts, find_vectors, read_texts
from engine.turn import BadTurn, EmptyReply, Turn, read_turn, run_turn
from engine.understanding import parse, understood

logger = logging.getLogger(__name__)
# Rasa waits 300 s for an action and then answers nothing; a visitor waits for five seconds at most.
ACTION_SECONDS = 3.0
HEALTH_CONVERSATION = "health-check"
LONGEST_TEXT = 4000


class GatewayChannel(InputChannel):
    """Named in credentials.yml with the secret it shares with the gateway."""

    @classmethod
    def name(cls) -> Text:
        """The channel's name: its address is /webhooks/gateway/."""
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "GatewayChannel":
        """Built by Rasa from credentials.yml; raises ValueError without a secret."""
        secret = str((credentials or {}).get("secret") or "")
        if len(secret) < 16:
            raise ValueError("The gateway channel needs a secret of at least 16 characters.")
        return cls(secret)

    def __init__(self, secret: str) -> None:
        self._expected = f"Bearer {secret}".encode()
        limit_action_calls(ACTION_SECONDS)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The channel's routes."""
        channel = Blueprint("gateway_channel", __name__)
        loaded = LoadedRelease()

        @channel.middleware("request")
        async def check_secret(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("authorization", "").encode()
            if hmac.compare_digest(given, self._expected):
                return None
            return _error(401, "secret_missing", "The shared secret is missing or wrong.")

        @channel.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _error(503, "not_ready", "No model is loaded yet.")
            return response.json({"ready": True, "model": agent.model_id})

        @channel.get("/health/deep")
        async def deep_health(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _error(503, "not_ready", "No model is loaded yet.")
            checked = await _answer(agent, Turn(HEALTH_CONVERSATION, uuid.uuid4().hex, "", "greet", {}))
            await forget_conversation(agent, HEALTH_CONVERSATION)
            return checked

        @channel.get("/release")
        async def tell_release(request: Request) -> HTTPResponse:
            return response.json({"release": loaded.name})

        @channel.put("/release")
        async def load_release(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _error(503, "not_ready", "No model is loaded yet.")
            return await _exchange(loaded, agent, _read_field(request, "release") or "")

        @channel.post("/turns")
        async def turns(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _error(503, "not_ready", "No model is loaded yet.")
            try:
                turn = read_turn(request.body)
            except BadTurn as error:
                return _error(400, "bad_turn", str(error))
            await continue_conversation(agent, turn.conversation)
            return await _answer(agent, turn)

        @channel.post("/understand")
        async def understand(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _error(503, "not_ready", "No model is loaded yet.")
            text = _read_field(request, "text")
            if text is None:
                return _error(400, "bad_text", 'Send {"text": …} with 1 to 4000 characters.')
            return response.json(
                {"understood": understood(await parse(agent, text)), "model": agent.model_id}
            )

        @channel.post("/vectors")
        async def vectors(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _error(503, "not_ready", "No model is loaded yet.")
            try:
                return response.json(await find_vectors(agent, read_texts(request.body)))
            except BadTexts as error:
                return _error(400, "bad_texts", str(error))

        @channel.delete("/conversations/<conversation>")
        async def forget(request: Request, conversation: str) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _error(503, "not_ready", "No model is loaded yet.")
            await forget_conversation(agent, conversation, wipe=True)
            return response.empty()

        return channel


def _read_field(request: Request, name: Text) -> Optional[Text]:
    """A text in the JSON body, None when the body is not as it should be."""
    try:
        text = json.loads(request.body)[name]
    except (ValueError, KeyError, TypeError):
        return None
    return text if isinstance(text, str) and 0 < len(text.strip()) <= LONGEST_TEXT else None


async def _exchange(loaded: LoadedRelease, agent: Agent, name: Text) -> HTTPResponse:
    try:
        await loaded.exchange(agent, name)
    except ReleaseUnknown as error:
        return _error(404, "release_unknown", str(error))
    except Exception as error:  # Rasa raises what it likes; the caller then starts this engine anew
        logger.error("The release %s could not be loaded: %s", name, type(error).__name__)
        return _error(500, "not_loaded", "The release could not be loaded.")
    return response.json({"release": loaded.name})


def limit_action_calls(seconds: float) -> None:
    """Make Rasa give up an action after `seconds`: it has no setting for this, only these two names."""
    rasa.core.actions.action.DEFAULT_REQUEST_TIMEOUT = seconds
    rasa.utils.endpoints.DEFAULT_REQUEST_TIMEOUT = seconds


async def _answer(agent: Agent, turn: Turn) -> HTTPResponse:
    try:
        return response.json(await run_turn(agent, turn))
    except BadTurn as error:
        return _error(400, "bad_turn", str(error))
    except EmptyReply:
        return _error(502, "empty_reply", "The turn ended without a reply.")
    except Exception as error:  # a turn may fail anywhere inside Rasa; the gateway must know that it did
        logger.error("A turn failed: %s", type(error).__name__)
        return _error(500, "turn_failed", "The turn could not be handled.")


async def forget_conversation(agent: Agent, conversation: str, wipe: bool = False) -> None:
    """Delete all that the tracker store holds of a conversation; `wipe` takes it out of the files too."""
    from engine.tracker_store import own_store

    store = own_store(agent.tracker_store)
    async with agent.lock_store.lock(conversation):
        store.delete_conversation(conversation)
    if wipe:
        store.empty_log()


def _agent(request: Request) -> Optional[Agent]:
    """The agent once it has a model. From then on no words go to the log; those of the start help to mend."""
    agent = getattr(request.app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        return None
    redact_logs()
    return agent


def _error(status: int, code: str, message: str) -> HTTPResponse:
    return response.json({"error": {"code": code, "message": message}}, status=status)
