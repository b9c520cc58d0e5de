"""What a whole turn costs, and where: `python -m evaluation.benchmark.turn_cost ours|stock`.

The dialogue engine alone, in one process with its conversations in memory: understanding, policies, answer.
Prints one line of JSON with milliseconds of processor time a message; for ours also by part.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

from evaluation.__main__ import MODEL, silence_rasa
from evaluation.benchmark.contest import PIPELINES
from evaluation.questions import read_questions

SEED = 20261125
MESSAGES = 400
TURNS = 5  # of one conversation
NOBODY = "http://127.0.0.1:9/webhook"  # plain questions call no action


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("assistant", choices=["ours", "stock"])
    parser.add_argument("questions", nargs="+", type=Path)
    given = parser.parse_args()
    silence_rasa()
    texts = [q.text for path in given.questions for q in read_questions(path) if q.kind == "in_scope"]
    random.Random(SEED).shuffle(texts)
    print(json.dumps(asyncio.run(_measure(given.assistant, texts[:MESSAGES]))))
    return 0


async def _measure(assistant: str, texts: list[str]) -> dict[str, Any]:
    agent = await (_load_ours() if assistant == "ours" else _train_stock())
    for number, text in enumerate(texts[:20]):
        await _turn(agent, assistant, f"first-{number}", text)
    parts: dict[str, float] = defaultdict(float)
    with patch("rasa.engine.graph.GraphNode.__call__", _timed(parts)):
        began = time.process_time()
        for number, text in enumerate(texts):
            await _turn(agent, assistant, f"talk-{number // TURNS}", text)
        used = time.process_time() - began
    return {
        "assistant": assistant,
        "processor_ms": 1000 * used / len(texts),
        "parts_ms": {name: 1000 * seconds / len(texts) for name, seconds in parts.items()},
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _load_ours() -> Any:
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    os.environ.update(
        OPTC_ACTIONS_WEBHOOK=NOBODY, OPTC_ENGINE_SECRET="-", OPTC_PROFILE_PATH="clinic/profile.yml"
    )
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    endpoints.tracker_store = endpoints.lock_store = None  # in memory, as for the stock assistant
    return await load_agent(str(MODEL), endpoints=endpoints)


async def _train_stock() -> Any:
    from rasa.core.agent import Agent
    from rasa.model_training import train
    from rasa.utils.endpoints import EndpointConfig

    with tempfile.TemporaryDirectory() as folder:
        trained = train("domain.yml", str(PIPELINES / "stock_assistant.yml"), ["data"], folder)
        return Agent.load(trained.model, action_endpoint=EndpointConfig(NOBODY))


async def _turn(agent: Any, assistant: str, conversation: str, text: str) -> None:
    from engine.turn import Turn, run_turn

    if assistant == "stock":
        await agent.handle_text(text, sender_id=conversation)
        return
    message = f"{conversation}-{time.monotonic_ns()}"
    await run_turn(agent, Turn(conversation, message, text, None, {}))


def _timed(parts: dict[str, float]) -> Any:
    from rasa.engine.graph import GraphNode

    call = GraphNode.__call__

    def timed(self: Any, *inputs: Any) -> Any:
        began = time.process_time()
        try:
            return call(self, *inputs)
        finally:
            parts[self._component_class.__name__] += time.process_time() - began

    return timed


if __name__ == "__main__":
    sys.exit(main())
