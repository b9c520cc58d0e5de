"""Ask the trained model: every question as the first message of a fresh conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rasa.core.agent import Agent

from engine.understanding import parse, understood
from evaluation.questions import Question
from evaluation.scores import Outcome, topic_name


class ModelMissing(Exception):
    """There is no trained model; the message says what to do."""


def load_model(path: Path) -> Agent:
    """The trained model; raises ModelMissing."""
    if not path.is_file():
        raise ModelMissing(f"There is no trained model at {path}: run `make train` first.")
    return Agent.load(path)


def ask_all(agent: Agent, questions: Sequence[Question]) -> list[Outcome]:
    """Outcomes in the order of the questions."""

    async def ask_in_turn() -> list[Outcome]:
        return [await _ask(agent, question) for question in questions]

    return asyncio.run(ask_in_turn())


async def _ask(agent: Agent, question: Question) -> Outcome:
    understanding = understood(await parse(agent, question.text))
    return Outcome(
        question=question,
        decision=understanding["decision"],
        intent=understanding["intent"],
        confidence=understanding["confidence"],
        options=[topic_name(option["intent"]) for option in understanding["options"]],
        urgent=understanding["urgent"],
    )
