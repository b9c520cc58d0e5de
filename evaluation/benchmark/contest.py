"""One pipeline on one public set, in a process of its own: `python -m evaluation.benchmark.contest …`.

Prints one line of JSON. A process of its own, so that memory and caches are nobody else's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.__main__ import silence_rasa
from evaluation.benchmark.public_sets import PublicSet, Rows, read_public_set
from evaluation.benchmark.rejection import Answered, auroc, best_threshold, rates

PIPELINES = Path(__file__).parent / "pipelines"
TIMED = 300  # messages whose time is taken, one after the other


def main() -> int:
    """Train, ask, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pipeline", choices=["ours", "diet", "logistic"])
    parser.add_argument("set")
    parser.add_argument("--data", type=Path, required=True)
    given = parser.parse_args()
    silence_rasa()
    print(json.dumps(compete(given.pipeline, read_public_set(given.data, given.set))))
    return 0


def compete(pipeline: str, public: PublicSet) -> dict[str, Any]:
    """Shares are 0 to 1, times seconds or milliseconds of processor time as named, memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        began, used = time.monotonic(), _processor_seconds()
        model = train(pipeline, public.train, Path(folder))
        trained = {
            "training_seconds": time.monotonic() - began,
            "training_processor_seconds": _processor_seconds() - used,
        }
        return {"pipeline": pipeline, "set": public.name, **trained, **asyncio.run(_ask(model, public))}


def train(pipeline: str, rows: Rows, folder: Path) -> str:
    """Train and return the path of the model."""
    from rasa.model_training import train_nlu
    from ruamel.yaml import YAML

    intents: dict[str, list[str]] = {}
    for text, intent in rows:
        intents.setdefault(intent, []).append(" ".join(text.split()))
    content = {
        "version": "3.1",
        "nlu": [
            {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
            for intent, texts in intents.items()
        ],
    }
    data = folder / "nlu.yml"
    with data.open("w", encoding="utf-8") as file:
        YAML().dump(content, file)
    path = train_nlu(str(PIPELINES / f"{pipeline}.yml"), str(data), str(folder / "models"), "benchmark")
    if path is None:
        sys.exit("Rasa did not train a model.")
    return path


async def _ask(model: str, public: PublicSet) -> dict[str, Any]:
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    timed = public.test[:TIMED]
    await _answers(agent, timed[:20])  # first calls are slower
    used = time.process_time()
    await _answers(agent, timed)
    per_message = 1000 * (time.process_time() - used) / len(timed)
    known = await _answers(agent, public.test)
    result = {
        "accuracy": float(known.is_right.mean()),
        "processor_ms": per_message,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    if not public.unknown_test:
        return result
    unknown = (await _answers(agent, public.unknown_test)).confidence
    validation = await _answers(agent, public.validation)
    threshold = best_threshold(validation, (await _answers(agent, public.unknown_validation)).confidence)
    kept, refused = rates(known, unknown, threshold)
    return {
        **result,
        "auroc": auroc(known.confidence, unknown),
        "answered_right": kept,
        "unknown_refused": refused,
    }


async def _answers(agent: Any, rows: Rows) -> Answered:
    known, is_right = [], []
    for text, intent in rows:
        parsed = await agent.parse_message(text)
        rasas = {"intent": parsed["intent"]["name"], "familiarity": parsed["intent"]["confidence"]}
        best = parsed.get("understanding") or rasas
        known.append(best["familiarity"])
        is_right.append(best["intent"] == intent)
    return Answered(np.array(known), np.array(is_right))


def _processor_seconds() -> float:
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


if __name__ == "__main__":
    sys.exit(main())
