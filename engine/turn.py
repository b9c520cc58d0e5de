"""One turn: what the gateway asks, what Rasa makes of it, and the reply in our own shape."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Text

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from engine.topic_classifier import UNDERSTANDING
from engine.understanding import parse, understood

CHANNEL = "gateway"
FORM_KINDS = ("question", "saved")  # kinds of reply that only the consultation request gives
BEGINNING = "utter_request_begins"  # leads to the request's first question, and alone is no answer


class BadTurn(ValueError):
    """The gateway's request does not follow the contract."""


class EmptyReply(Exception):
    """Rasa finished the turn and said nothing."""


@dataclass(frozen=True)
class Turn:
    """What the visitor did: typed `text`, or chose a button (`intent` with `values`)."""

    conversation: str
    message_id: str
    text: str
    intent: Optional[str]
    values: Dict[str, Any]


class ReplyCollector(OutputChannel):
    """Keeps what Rasa sends, each message whole."""

    def __init__(self) -> None:
        self.messages: List[Dict[Text, Any]] = []

    @classmethod
    def name(cls) -> Text:
        """Same name as the input channel, so that responses need no variants."""
        return CHANNEL

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Called by Rasa for each message to the visitor."""
        self.messages.append(message)


def read_turn(body: bytes) -> Turn:
    """Read the gateway's JSON; raises BadTurn saying what is wrong."""
    try:
        fields = json.loads(body)
    except ValueError:
        raise BadTurn("The body is not JSON.") from None
    if not isinstance(fields, dict):
        raise BadTurn("The body is not a JSON object.")
    conversation, message_id = fields.get("conversation"), fields.get("message_id")
    if not (isinstance(conversation, str) and conversation and isinstance(message_id, str) and message_id):
        raise BadTurn("conversation and message_id are needed.")
    text, choice = fields.get("text"), fields.get("choice")
    if isinstance(text, str) and text.strip() and choice is None:
        return Turn(conversation, message_id, text, None, {})
    if text is None and isinstance(choice, dict) and isinstance(choice.get("intent"), str):
        return Turn(conversation, message_id, "", choice["intent"], dict(choice.get("values") or {}))
    raise BadTurn("Either text or choice is needed.")


async def run_turn(agent: Agent, turn: Turn) -> Dict[str, Any]:
    """Handle a turn once; the same message id again gets the first replies and runs nothing.

    Raises EmptyReply when nothing was said, BadTurn for an intent the model does not know.
    """
    async with agent.lock_store.lock(turn.conversation):
        collector = ReplyCollector()
        tracker = await agent.processor.fetch_tracker_and_update_session(turn.conversation, collector)
        earlier = _earlier_replies(tracker, turn)
        if earlier is not None:
            return earlier
        parse_data = await _understand(agent, turn)
        message = UserMessage(
            parse_data["text"],
            collector,
            turn.conversation,
            parse_data=parse_data,
            input_channel=CHANNEL,
            message_id=turn.message_id,
        )
        await _handle(agent.processor, message, tracker)
    if not _is_answer(collector.messages):
        raise EmptyReply(turn.message_id)
    return _result(collector.messages, parse_data)


async def _handle(processor: MessageProcessor, message: UserMessage, tracker: DialogueStateTracker) -> None:
    """What the processor's own `handle_message` does, with a conversation that was read already.

    Reading it a second time cost a twelfth of a turn: each of its events is made anew.
    """
    await processor._handle_message_with_tracker(message, tracker)
    tracker = await processor.run_action_extract_slots(message.output_channel, tracker)
    await processor._run_prediction_loop(message.output_channel, tracker)
    await processor.run_anonymization_pipeline(tracker)
    await processor.save_tracker(tracker)


async def _understand(agent: Agent, turn: Turn) -> Dict[str, Any]:
    if turn.intent is None:
        return await parse(agent, turn.text)
    if turn.intent not in agent.domain.intents:
        raise BadTurn("The model does not know this intent.")
    return _chosen(turn.intent, turn.values)


def _chosen(intent: str, values: Dict[str, Any]) -> Dict[str, Any]:
    """Parse data of a pressed button: nothing to understand, so full confidence."""
    is_question = intent.startswith("ask_") and intent != "ask_booking"
    return {
        "text": f"[{intent}]",
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": [{"entity": name, "value": value} for name, value in values.items()],
        UNDERSTANDING: {
            "decision": "answer" if is_question else "dialogue",
            "intent": intent,
            "confidence": 1.0,
            "ranking": [{"intent": intent, "confidence": 1.0}],
            "urgent": "none",
            "urgent_category": "",
            "options": [],
            "also": [],
            "chosen": True,
        },
    }


def _earlier_replies(tracker: DialogueStateTracker, turn: Turn) -> Optional[Dict[str, Any]]:
    """The result of this message id if it was handled last: the gateway asks in order, so no other counts."""
    messages: List[Dict[str, Any]] = []
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            messages.insert(0, event.message())
        elif isinstance(event, UserUttered):
            if event.message_id == turn.message_id and _is_answer(messages):
                return _result(messages, event.parse_data)
            return None
    return None


def _is_answer(messages: List[Dict[str, Any]]) -> bool:
    """Whether something was said that a visitor can go on from: not when the action server is away."""
    return any(message.get("utter_action") != BEGINNING for message in messages)


def _result(messages: List[Dict[str, Any]], parse_data: Dict[str, Any]) -> Dict[str, Any]:
    replies = [_reply(message) for message in messages]
    understanding = understood(parse_data)
    if all(reply["kind"] in FORM_KINDS for reply in replies):
        understanding["decision"] = "dialogue"  # whatever the words sounded like, the request took them
    for option in understanding.get("also", []):
        replies[-1]["choices"].append({**option, "values": {}})  # what the same message asked besides
    return {"replies": replies, "understood": understanding}


def _reply(message: Dict[str, Any]) -> Dict[str, Any]:
    metadata = message.get("metadata") or {}
    custom = message.get("custom") or {}
    return {
        "name": message.get("utter_action") or "",
        "kind": metadata.get("kind", "text"),
        "text": message.get("text") or "",
        "choices": [_choice(button) for button in message.get("buttons") or []],
        "sources": metadata.get("sources", []),
        "ask": metadata.get("ask"),
        "lead_reference": custom.get("lead_reference"),
    }


def _choice(button: Dict[str, Any]) -> Dict[str, Any]:
    """A button's payload is written `/intent` or `/intent{"name": "value"}` in the YAML files."""
    intent, brace, values = button["payload"].lstrip("/").partition("{")
    return {"title": button["title"], "intent": intent, "values": json.loads(brace + values) if brace else {}}
