"""The questions by their titles, to choose one from; those that the engine found nearest come first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clinic.inbox import InboxWording
from content.files import ContentUnreadable, read_file

_SUGGESTED = 3


@dataclass(frozen=True)
class TopicName:
    """One question: `place` is its file's folder and name, `intent` its first intent."""

    place: str
    title: str
    intent: str


def list_topic_names(root: Path) -> list[TopicName]:
    """Return the questions of `data/faq` by title; a file that cannot be read goes by its name."""
    paths = (path.relative_to(root) for path in (root / "data" / "faq").glob("*.yml"))
    return sorted((_read_name(root, path) for path in paths), key=lambda name: name.title.lower())


def _read_name(root: Path, path: Path) -> TopicName:
    place = f"{path.parent.name}/{path.stem}"
    try:
        first = read_file(root, path).intents()[0]
        title = (first.get("metadata") or {}).get("title") or path.stem
        return TopicName(place, str(title), str(first["intent"]))
    except (ContentUnreadable, IndexError, AttributeError, TypeError):
        return TopicName(place, path.stem, f"ask_{path.stem}")


def suggest_topics(names: Sequence[TopicName], wordings: Sequence[InboxWording]) -> list[TopicName]:
    """Return the questions that the engine found nearest to the wordings, the nearest first."""
    points = Counter[str]()
    for wording in wordings:
        for rank, intent in enumerate(wording.understood.get("nearest") or []):
            points[str(intent)] += wording.times * (_SUGGESTED - rank)
    known = {name.intent: name for name in names}
    return [known[intent] for intent, _ in points.most_common() if intent in known][:_SUGGESTED]
