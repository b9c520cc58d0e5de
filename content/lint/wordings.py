"""The ways to ask: enough, different, and each in one place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from rapidfuzz import fuzz, process

from content.files import ContentFile, Wording
from content.lint.finding import Finding
from content.lint.project import Project

AT_LEAST = 10
AT_LEAST_FOR_A_QUESTION = 25
AT_LEAST_FOR_THE_MOST_ASKED = 40
# the twenty questions that most clinic websites answer
MOST_ASKED = frozenset(
    {
        "does_it_hurt", "how_many_sessions", "what_is_acupuncture", "insurance", "how_it_works",
        "conditions_treated", "safety", "first_visit", "session_length", "side_effects",
        "what_happens_in_session", "cupping_moxa_herbs", "referral_needed", "styles_of_acupuncture",
        "combine_with_other_treatment", "how_often", "can_it_help_me", "cost", "hours_location_contact",
        "how_to_prepare",
    }
)  # fmt: skip
NEARLY_THE_SAME = 95  # percent of characters, by edit distance
SIMILAR = 90
SIMILAR_AT_MOST = 1 / 3
_FILLERS = frozenset(["a", "an", "the", "please", "just", "so", "hey", "hi", "um", "me", "is", "it"])


def check_enough(project: Project, today: date) -> Iterator[Finding]:
    """There are enough ways to ask, and they differ."""
    groups: dict[str, list[Wording]] = defaultdict(list)
    for wording in project.wordings:
        groups[wording.intent].append(wording)
    for intent, group in groups.items():
        needed = _needed(intent, group)
        count = len({plain(wording.text) for wording in group})
        if count < needed:
            message = f"{intent} has {count} different ways to ask. Write at least {needed}."
            yield Finding(group[0].path, group[0].line, message)
        similar = _count_similar(group)
        if similar > len(group) * SIMILAR_AT_MOST:
            message = (
                f"{similar} of {len(group)} ways to ask {intent} are nearly alike. Write different ones."
            )
            yield Finding(group[0].path, group[0].line, message)


def _needed(intent: str, group: list[Wording]) -> int:
    if group[0].path.parts[:2] != ("data", "faq"):
        return AT_LEAST
    most_asked = intent.removeprefix("ask_") in MOST_ASKED
    return AT_LEAST_FOR_THE_MOST_ASKED if most_asked else AT_LEAST_FOR_A_QUESTION


def _count_similar(group: list[Wording]) -> int:
    texts = [plain(wording.text) for wording in group]
    return sum(
        len(process.extract(text, texts, scorer=fuzz.token_sort_ratio, score_cutoff=SIMILAR, limit=2)) > 1
        for text in texts
    )


def check_one_place(project: Project, today: date) -> Iterator[Finding]:
    """No wording stands twice, also not with a typing mistake more, under two intents."""
    seen: dict[str, Wording] = {}
    for wording in project.wordings:
        text = plain(wording.text)
        if text and text in seen:
            first = seen[text]
            place = f"{first.path}:{first.line}"
            yield Finding(
                wording.path, wording.line, f'"{wording.text}" already stands in {place}. Remove one.'
            )
        seen.setdefault(text, wording)
    yield from _near_duplicates(list(seen.values()))


def _near_duplicates(wordings: list[Wording]) -> Iterator[Finding]:
    """Pairs of different intents that differ by a few characters, or only by the order of their words."""
    for arrange in (_without_fillers, _in_any_order):
        keys = [arrange(wording.text) for wording in wordings]
        for index, key in enumerate(keys):
            found = process.extract(key, keys, scorer=fuzz.ratio, score_cutoff=NEARLY_THE_SAME, limit=None)
            for _, _, other in found:
                first, second = wordings[other], wordings[index]
                if other < index and key and first.intent != second.intent:
                    place = f'"{first.text}" of {first.intent} ({first.path}:{first.line})'
                    message = f'"{second.text}" is nearly {place}. Keep it under the intent it means.'
                    yield Finding(second.path, second.line, message)


def check_file_in_one_place(project: Project, file: ContentFile) -> Iterator[Finding]:
    """As `check_one_place`, for the wordings of one file only."""
    for wording, other in similar_elsewhere(project, file):
        place = f'"{other.text}" of {other.intent} ({other.path}:{other.line})'
        nearly = "the same as" if plain(wording.text) == plain(other.text) else "nearly"
        message = f'"{wording.text}" is {nearly} {place}. Keep it under the intent it means.'
        yield Finding(file.path, wording.line, message)
    seen: set[str] = set()
    for wording in file.wordings():
        if (text := plain(wording.text)) in seen:
            yield Finding(file.path, wording.line, f'"{wording.text}" stands here twice. Remove one.')
        seen.add(text)


def similar_elsewhere(
    project: Project, file: ContentFile, similar: float = NEARLY_THE_SAME
) -> list[tuple[Wording, Wording]]:
    """Return (wording of `file`, wording of another intent) that are alike by `similar` percent or more."""
    others = [wording for wording in project.wordings if wording.path != file.path]
    keys = [_without_fillers(wording.text) for wording in others]
    found = []
    for wording in file.wordings():
        if key := _without_fillers(wording.text):
            match = process.extractOne(key, keys, scorer=fuzz.ratio, score_cutoff=similar)
            if match is not None and others[match[2]].intent != wording.intent:
                found.append((wording, others[match[2]]))
    return found


def check_not_measured(project: Project, today: date) -> Iterator[Finding]:
    """No training wording is a question that understanding is measured with, or a conversation test."""
    measured = {plain(text): "an evaluation question" for text in project.evaluation_questions()}
    tested = {
        plain(text): "a message of a conversation test" for text, intent in project.messages() if intent
    }
    for wording in project.wordings:
        text = plain(wording.text)
        kind = measured.get(text) or (tested.get(text) if wording.path.parts[1] == "faq" else None)
        if text and kind:
            message = f'"{wording.text}" is also {kind}. A test needs new words: change one of them.'
            yield Finding(wording.path, wording.line, message)


def plain(text: str) -> str:
    """Return `text` in lower case without punctuation."""
    return " ".join(re.sub(r"[^\w\s]", "", text.lower()).split())


def _in_any_order(text: str) -> str:
    return " ".join(sorted(_without_fillers(text).split()))


def _without_fillers(text: str) -> str:
    return " ".join(word for word in plain(text).split() if word not in _FILLERS)


RULES = (check_enough, check_one_place, check_not_measured)
