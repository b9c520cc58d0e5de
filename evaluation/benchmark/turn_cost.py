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
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rasa.shared.utils.io import read_yaml_file

from evaluation.__main__ import MODEL, silence_rasa
from evaluation.benchmark.stock_assistant import QUESTIONS, SEED, train_stock_assistant

MESSAGES = 400
TURNS = 5  # of one conversation
NOBODY = "http://127.0.0.1:9/webhook"  # plain questions call no action
SETTINGS = {
    "OPTC_ACTIONS_WEBHOOK": NOBODY,
    "OPTC_ENGINE_SECRET": "-",
    "OPTC_PROFILE_PATH": "clinic/profile.yml",
    "OPTC_QUESTIONS_PATH": str(QUESTIONS),
    "OPTC_TRACKER_DATABASE": "sqlite://",
    "OPTC_LOCK_STORE": "in_memory",
    "OPTC_REDIS_URL": "",
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("assistant", choices=["ours", "stock"])
    given = parser.parse_args()
    silence_rasa()
    texts = _wordings()
    random.Random(SEED).shuffle(texts)
    print(json.dumps(asyncio.run(_measure(given.assistant, texts[:MESSAGES]))))
    return 0


def _wordings() -> list[str]:
    """Ways to ask from the topic files: both assistants know them, and hardly an answer needs an action."""
    parts = [part for path in sorted(QUESTIONS.glob("*.yml")) for part in read_yaml_file(path)["nlu"]]
    parts = [part for part in parts if part.get("intent") != "ask_booking"]
    return [line[2:] for part in parts for line in part.get("examples", "").splitlines() if line[:2] == "- "]


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

    os.environ.update(SETTINGS)
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    endpoints.tracker_store = endpoints.lock_store = None  # in memory, as for the stock assistant
    return await load_agent(str(MODEL), endpoints=endpoints)


async def _train_stock() -> Any:
    from rasa.core.agent import Agent
    from rasa.utils.endpoints import EndpointConfig

    with tempfile.TemporaryDirectory() as folder:
        model = train_stock_assistant(Path(folder))
        return Agent.load(str(model), action_endpoint=EndpointConfig(NOBODY))


async def _turn(agent: Any, assistant: str, conversation: str, text: str) -> None:
    from engine.turn import EmptyReply, Turn, run_turn

    if assistant == "stock":
        await agent.handle_text(text, sender_id=conversation)
        return
    message = f"{conversation}-{time.monotonic_ns()}"
    with suppress(EmptyReply):  # the few that need an action end without one
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
