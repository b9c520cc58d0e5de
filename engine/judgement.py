"""From a sentence to a decision: guess the topic, say how sure that is, and weigh what to do.

Plain Python over the topic model, the confidence and the thresholds; trained and saved together.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import numpy as np
from sklearn.model_selection import StratifiedKFold

from engine.confidence import Confidence
from engine.decision import Decision, HeldOutGuess, Roles, Thresholds, decide, learn_thresholds
from engine.topic_model import SEED, TopicGuess, TopicModel

FOLDS = 3

ReadSentence = Tuple[str, np.ndarray]
"""A sentence as understood, with its vector of shape (896,)."""
Option = Dict[str, str]
"""A question to offer on a button: intent and title."""


@dataclass(frozen=True)
class Judgement:
    """The guess that counted, the confidence in it (0 to 1), the decision, and what to offer.

    options: offered when we ask back; also: further questions that the same message asked.
    """

    guess: TopicGuess
    confidence: float
    decision: Decision
    options: List[Option]
    also: List[Option]

    @property
    def best(self) -> str:
        """The most likely intent."""
        return self.guess.ranking[0][0]


@dataclass
class Judge:
    """Everything learned from the wordings; `titles` are the button texts of the intents."""

    model: TopicModel
    confidence: Confidence
    thresholds: Thresholds
    titles: Dict[str, str]
    roles: Roles

    @classmethod
    def train(
        cls,
        sentences: Sequence[str],
        vectors: np.ndarray,
        intents: Sequence[str],
        titles: Dict[str, str],
        roles: Roles,
    ) -> "Judge":
        """Learn from wordings with their vectors (wordings, 896) and intents."""
        guesses = _held_out_guesses(sentences, vectors, intents)
        pairs = list(zip(guesses, intents, strict=True))
        is_right = [guess.ranking[0][0] == intent for guess, intent in pairs]
        confidence = Confidence.fit(guesses, is_right)
        held_out = [HeldOutGuess(intent, guess.ranking, confidence.of(guess)) for guess, intent in pairs]
        model = TopicModel.train(sentences, vectors, intents)
        return cls(model, confidence, learn_thresholds(held_out, roles), titles, roles)

    def judge(self, whole: ReadSentence, parts: Sequence[ReadSentence]) -> Judgement:
        """Decide on a message, given as a whole and by the sentences that may be questions of their own."""
        judged = self._judge_one(whole)
        asked = [self._judge_one(part) for part in parts]
        answered = [part for part in asked if part.decision.kind == "answer"]
        if not answered or judged.decision.kind == "dialogue":
            return judged
        chosen = judged if judged.decision.kind == "answer" and len(answered) < 2 else answered[0]
        others = [part.best for part in answered if part.best != chosen.best]
        return Judgement(chosen.guess, chosen.confidence, chosen.decision, [], self._offer(others))

    def _judge_one(self, read: ReadSentence) -> Judgement:
        guess = self.model.guess(*read)
        confidence = self.confidence.of(guess)
        decision = decide(guess.ranking, confidence, self.thresholds, self.roles)
        return Judgement(guess, confidence, decision, self._offer(decision.options), [])

    def _offer(self, intents: Sequence[str]) -> List[Option]:
        known = [intent for intent in dict.fromkeys(intents) if intent in self.titles]
        return [{"intent": intent, "title": self.titles[intent]} for intent in known]

    def save(self, folder: Path) -> None:
        """Write everything learned into a folder."""
        self.model.save(folder)
        learned = {
            "thresholds": asdict(self.thresholds),
            "confidence": asdict(self.confidence),
            "titles": self.titles,
        }
        (folder / "learned.json").write_text(json.dumps(learned), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, roles: Roles) -> "Judge":
        """Read what `save` wrote."""
        learned = json.loads((folder / "learned.json").read_text(encoding="utf-8"))
        return cls(
            TopicModel.load(folder),
            Confidence(**learned["confidence"]),
            Thresholds(**learned["thresholds"]),
            learned["titles"],
            roles,
        )


def _held_out_guesses(
    sentences: Sequence[str], vectors: np.ndarray, intents: Sequence[str]
) -> List[TopicGuess]:
    """A guess about every wording by a model trained without that wording's fold (seeded), in order."""
    guesses: Dict[int, TopicGuess] = {}
    for known, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(sentences, intents):
        model = TopicModel.train([sentences[i] for i in known], vectors[known], [intents[i] for i in known])
        found = model.guess_all([sentences[i] for i in unseen], vectors[unseen])
        guesses.update(zip(unseen, found, strict=True))
    return [guesses[i] for i in range(len(sentences))]
