"""What a draft changes against the live release: topics, answers, and whether a model must be trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.files import ContentFile, read_file

DOMAIN = Path("domain.yml")
# the part of a review record that the model knows: buttons carry it
TITLE = "title"


@dataclass(frozen=True)
class AnswerChange:
    """One answer before and after; empty where there was or is none."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Changes:
    """The differences in words a writer knows. needs_training: more than answers changed."""

    added: list[str]
    removed: list[str]
    changed: list[str]
    other: list[str]
    answers: list[AnswerChange]
    needs_training: bool

    @property
    def is_empty(self) -> bool:
        """Return whether the draft is what is live."""
        return not (self.added or self.removed or self.changed or self.other)


def compare_content(before: Path, after: Path) -> Changes:
    """Return what `after` changes against `before`, two content folders; raises ContentUnreadable."""
    old, new = read_content(before), read_content(after)
    changed = {path for path in old.keys() & new.keys() if old[path].lines != new[path].lines}
    others = {
        Path(name) for name in ("config.yml", "profile.yml") if not _is_same(before / name, after / name)
    }
    return Changes(
        added=_topics(new.keys() - old.keys()),
        removed=_topics(old.keys() - new.keys()),
        changed=_topics(changed),
        other=sorted(
            str(path) for path in changed | (old.keys() ^ new.keys()) | others if not _topics({path})
        ),
        answers=_changed_answers(answers_of(old), answers_of(new)),
        needs_training=not _trains_the_same(old, new) or Path("config.yml") in others,
    )


def read_content(folder: Path) -> dict[Path, ContentFile]:
    """Return domain.yml and every file under data/ by path; raises ContentUnreadable."""
    data = sorted(path.relative_to(folder) for path in (folder / "data").rglob("*.yml"))
    return {path: read_file(folder, path) for path in [DOMAIN, *data]}


def answers_of(files: dict[Path, ContentFile]) -> dict[str, list[dict[str, Any]]]:
    """Return every response with its variants."""
    return {
        name: variants
        for file in files.values()
        for name, variants in (file.content.get("responses") or {}).items()
    }


def _trains_the_same(old: dict[Path, ContentFile], new: dict[Path, ContentFile]) -> bool:
    """Say whether a model made from both would differ in nothing but what answers say.

    The names of the answers count: rules and policies are made from them.
    """
    same_names = answers_of(old).keys() == answers_of(new).keys()
    return same_names and _learned(old) == _learned(new)


def _learned(files: dict[Path, ContentFile]) -> dict[Path, Any]:
    return {path: _without_answers(file.content) for path, file in files.items()}


def _without_answers(content: dict[str, Any]) -> dict[str, Any]:
    learned = {key: value for key, value in content.items() if key != "responses"}
    if learned.get("nlu"):
        learned["nlu"] = [
            {**part, "metadata": {TITLE: (part.get("metadata") or {}).get(TITLE)}} for part in learned["nlu"]
        ]
    return learned


def _changed_answers(old: dict[str, Any], new: dict[str, Any]) -> list[AnswerChange]:
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return [AnswerChange(name, _words(old.get(name)), _words(new.get(name))) for name in names]


def _words(variants: list[dict[str, Any]] | None) -> str:
    return "\n\n".join(str(variant.get("text") or "").strip() for variant in variants or [])


def _topics(paths: set[Path]) -> list[str]:
    return sorted(path.stem for path in paths if path.parts[:2] == ("data", "faq"))


def _is_same(one: Path, other: Path) -> bool:
    return one.read_bytes() == other.read_bytes()
