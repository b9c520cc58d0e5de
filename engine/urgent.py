"""Spot messages that need 911, a crisis line or same-day care before any classifier votes.

The signs are those of the project's red-flag table (NHS, AHCPR, AHA, CDC, Red Cross and ACEP lists);
the wordings live in urgent_patterns.yml. Nothing here stores or logs what a visitor typed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise, product
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

from engine.urgent_notation import Lexicon, PatternUnclear, Span
from engine.urgent_words import BREAK, FIRST, LAST, WordReader

Level = Literal["none", "emergency", "crisis", "same_day"]

PATTERNS_PATH = Path(__file__).with_name("urgent_patterns.yml")
LEVELS_BY_RANK: tuple[Level, ...] = ("emergency", "crisis", "same_day")

_USUAL_WINDOW = 8
_SENTENCE_END_COUNTS_AS = 4
_WORDS_AFTER_A_FINDING = 3
_MOST_COMBINATIONS = 300


@dataclass(frozen=True)
class Urgency:
    """How urgent a message is: the level, the category of sign, and the words that showed it."""

    level: Level
    category: str | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shield:
    """Phrases that make a finding harmless: a question, a story from long ago, a figure of speech.

    `side` is "before" (the phrase comes before the finding), "around" (on either side) or "inside" (the
    two share a word); `reach` is the most words in between. A `lifted_by` phrase nearby undoes the shield.
    """

    element: int
    side: str
    reach: int
    lifted_by: int | None


@dataclass(frozen=True)
class Pattern:
    """Elements that must all occur within a window of words, unless a shield covers them."""

    level: Level
    category: str
    elements: tuple[int, ...]
    window: int
    shields: tuple[Shield, ...]


class UrgencyFinder:
    """The compiled patterns; one instance answers for all messages, in well under a millisecond each.

    Args:
        path: the patterns file.

    Raises:
        PatternUnclear: the file holds a pattern that cannot be read.
    """

    def __init__(self, path: Path = PATTERNS_PATH) -> None:
        source: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        self._lexicon = Lexicon(source["groups"])
        shields = {name: self._compile_shield(shield) for name, shield in source["shields"].items()}
        self._patterns = [
            pattern for block in source["signs"] for pattern in self._compile_block(block, shields)
        ]
        spelling = source["spelling"]
        self._reader = WordReader(
            known=self._lexicon.literal_words(),
            mended=spelling["mended"],
            fuzzy=spelling["fuzzy"].split(),
            left_alone=spelling["left_alone"].split(),
            fillers=spelling["fillers"].split(),
        )
        _refuse_words_never_read(self._lexicon.literal_words(), self._reader)

    def find_urgency(self, text: str) -> Urgency:
        """Return the most urgent finding in `text`, or level "none"."""
        words = self._reader.read(text)
        findings = self._find_first_of_each_level(words)
        if "emergency" in findings and "crisis" in findings and findings["crisis"].category == "self_harm":
            # Both numbers are needed: the emergency reply about self-harm names 911 first, then 988.
            return Urgency("emergency", "self_harm", findings["crisis"].evidence)
        for level in LEVELS_BY_RANK:
            if level in findings:
                return findings[level]
        return Urgency("none")

    def _find_first_of_each_level(self, words: Sequence[str]) -> dict[Level, Urgency]:
        found = self._lexicon.find(words)
        findings: dict[Level, Urgency] = {}
        for pattern in self._patterns:
            if pattern.level in findings or any(element not in found for element in pattern.elements):
                continue
            evidence = _match(pattern, found, words)
            if evidence:
                findings[pattern.level] = Urgency(pattern.level, pattern.category, evidence)
        return findings

    def _compile_shield(self, shield: Mapping[str, Any]) -> Shield:
        lifted_by = shield.get("lifted_by")
        return Shield(
            element=self._lexicon.add(" | ".join(shield["phrases"])),
            side=shield["side"],
            reach=shield.get("reach", 0),
            lifted_by=self._lexicon.add(lifted_by) if lifted_by else None,
        )

    def _compile_block(self, block: Mapping[str, Any], shields: Mapping[str, Shield]) -> Iterator[Pattern]:
        for text in block["patterns"]:
            yield Pattern(
                level=block["level"],
                category=block["category"],
                elements=tuple(self._lexicon.add(element) for element in text.split(" + ")),
                window=block.get("within", _USUAL_WINDOW),
                shields=tuple(shields[name] for name in block.get("shields", ())),
            )


@lru_cache(maxsize=1)
def _usual_finder() -> UrgencyFinder:
    return UrgencyFinder()


def find_urgency(text: str) -> Urgency:
    """Return how urgent `text` is, by the patterns that ship with the engine."""
    return _usual_finder().find_urgency(text)


def _refuse_words_never_read(words: set[str], reader: WordReader) -> None:
    """Raise PatternUnclear when a pattern waits for a word that reading mends, drops or splits."""
    lost = sorted(word for word in words - {FIRST, LAST, BREAK} if reader.read(word) != [FIRST, word, LAST])
    if lost:
        raise PatternUnclear(f"a message never holds these words as written: {', '.join(lost)}")


def _match(pattern: Pattern, found: Mapping[int, list[Span]], words: Sequence[str]) -> tuple[str, ...]:
    """Return the words that match `pattern`, or nothing when it is out of its window or shielded."""
    combinations = product(*(found[element] for element in pattern.elements))
    for spans in islice(combinations, _MOST_COMBINATIONS):
        ordered = sorted(spans)
        if any(left[1] > right[0] for left, right in pairwise(ordered)):
            continue
        whole = (ordered[0][0], ordered[-1][1])
        if len(spans) > 1 and _count_words(words[whole[0] : whole[1]]) > pattern.window:
            continue
        if not any(_covers(shield, whole, found, words) for shield in pattern.shields):
            return tuple(" ".join(words[start:end]) for start, end in ordered)
    return ()


def _count_words(words: Sequence[str]) -> int:
    return sum(_SENTENCE_END_COUNTS_AS if word == BREAK else 1 for word in words)


def _covers(shield: Shield, finding: Span, found: Mapping[int, list[Span]], words: Sequence[str]) -> bool:
    return any(
        _is_near(shield, span, finding, words) and not _is_lifted(shield, span, finding, found)
        for span in found.get(shield.element, ())
    )


def _is_near(shield: Shield, span: Span, finding: Span, words: Sequence[str]) -> bool:
    if shield.side == "inside":
        return span[0] < finding[1] and finding[0] < span[1]
    if span[1] <= finding[0]:
        between = words[span[1] : finding[0]]
    elif shield.side == "around":
        between = words[finding[1] : span[0]]
    else:
        return False
    return len(between) <= shield.reach and BREAK not in between


def _is_lifted(shield: Shield, span: Span, finding: Span, found: Mapping[int, list[Span]]) -> bool:
    if shield.lifted_by is None:
        return False
    first = min(span[0], finding[0])
    last = max(span[1], finding[1]) + _WORDS_AFTER_A_FINDING
    return any(first <= start < last for start, _ in found.get(shield.lifted_by, ()))
