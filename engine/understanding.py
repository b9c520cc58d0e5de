"""Understanding a message has one entry: used by the engine's turns, the evaluation and the studio alike."""

from __future__ import annotations

from typing import Any, Dict

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from engine.topic_classifier import RANKING_LENGTH, UNDERSTANDING


async def parse(agent: Agent, text: str) -> Dict[str, Any]:
    """What the trained pipeline makes of a typed text, as Rasa's parse data.

    Rasa's graph takes a leading slash for a command; a visitor who types one means nothing by it.
    """
    words = text.lstrip("/ \t\r\n") or "?"
    return {**await agent.processor.parse_message(UserMessage(words)), "text": text}


def understood(parse_data: Dict[str, Any]) -> Dict[str, Any]:
    """What callers are told: decision, intent, confidence, ranking, urgent, options, also, entities."""
    understanding = dict(parse_data.get(UNDERSTANDING) or {})
    understanding["ranking"] = understanding.get("ranking", [])[:RANKING_LENGTH]
    understanding["entities"] = [
        {"entity": entity["entity"], "value": entity["value"], "text": entity.get("text", "")}
        for entity in parse_data.get("entities", [])
    ]
    return understanding
