"""The vectors of single sentences for those who ask from outside a conversation: the inbox of the studio.

The sentence is read as a visitor's message is, by the trained reader with its spelling, and by nothing after
it: no topic is guessed, and nothing is stored or logged.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, List

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER

from engine.sentence_encoder import NAME
from engine.sentence_reader import VECTOR, SentenceReader

TEXTS_AT_MOST = 16
LETTERS_AT_MOST = 500
DIGITS = 5  # of each number; two vectors rounded so have the same cosine up to 0.0005


class BadTexts(Exception):
    """The request does not hold texts as agreed; the message says what to send."""


def read_texts(body: bytes) -> List[str]:
    """The texts of a request {"texts": [...]}; raises BadTexts."""
    try:
        texts = json.loads(body)["texts"]
    except (ValueError, KeyError, TypeError):
        texts = None
    is_good = isinstance(texts, list) and 0 < len(texts) <= TEXTS_AT_MOST
    if not is_good or not all(isinstance(text, str) and 0 < len(text) <= LETTERS_AT_MOST for text in texts):
        raise BadTexts(
            f'Send {{"texts": [...]}} with 1 to {TEXTS_AT_MOST} texts of 1 to {LETTERS_AT_MOST} characters.'
        )
    return texts


async def find_vectors(agent: Agent, texts: List[str]) -> Dict[str, Any]:
    """{"encoder": its name, "vectors": one list of 896 numbers for each text, of length 1 as a vector}.

    Between two texts other work is let in, so that a visitor's turn waits for one sentence at most.
    """
    processor = agent.processor
    node = next(
        name
        for name, part in processor.model_metadata.predict_schema.nodes.items()
        if part.uses is SentenceReader
    )
    vectors = []
    for text in texts:
        found = processor.graph_runner.run(
            inputs={PLACEHOLDER_MESSAGE: [UserMessage(text.lstrip("/"))], PLACEHOLDER_TRACKER: None},
            targets=[node],
        )
        vectors.append([round(float(number), DIGITS) for number in found[node][0].get(VECTOR)])
        await asyncio.sleep(0)
    return {"encoder": NAME, "vectors": vectors}
