"""Everything the rules look at, read once."""

from __future__ import annotations

import ast
import csv
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from content.facts import read_facts
from content.files import ContentFile, Variant, Wording, message_text, read_file

CODE_FOLDERS = ("actions", "clinic", "web")


@dataclass(frozen=True)
class Project:
    """The content files, the conversation tests, the domain, and what they may refer to."""

    root: Path
    files: list[ContentFile]
    conversations: list[ContentFile]
    domain: ContentFile
    known_facts: frozenset[str]
    known_complaints: frozenset[str]
    code: str

    @cached_property
    def topics(self) -> list[ContentFile]:
        """Return the files under data/faq."""
        return [file for file in self.files if file.is_topic]

    @cached_property
    def variants(self) -> list[Variant]:
        """Return every variant of every response."""
        return [variant for file in self.files for variant in file.variants()]

    @cached_property
    def wordings(self) -> list[Wording]:
        """Return every training wording."""
        return [wording for file in self.files for wording in file.wordings()]

    @cached_property
    def intents(self) -> frozenset[str]:
        """Return the intents of the domain."""
        return frozenset(self.domain.content.get("intents") or [])

    @cached_property
    def passed_values(self) -> frozenset[str]:
        """Return the placeholders that are no clinic fact: slots, and what an action passes on."""
        return frozenset(self.domain.content.get("slots") or {}) | _passed_in(self.code)

    def messages(self) -> list[tuple[str, str]]:
        """Return (words, intent) of every visitor's message in the conversation tests."""
        steps = [
            step
            for file in self.conversations
            for story in file.steps("story")
            for step in story.get("steps") or []
            if "user" in step
        ]
        return [(message_text(str(step["user"])), str(step.get("intent"))) for step in steps]

    def evaluation_questions(self) -> list[str]:
        """Return the wordings kept for measuring: column `text` of evaluation/questions/*.tsv."""
        texts: list[str] = []
        for path in sorted((self.root / "evaluation" / "questions").glob("*.tsv")):
            with path.open(encoding="utf-8", newline="") as table:
                texts += [row["text"] for row in csv.DictReader(table, delimiter="\t") if row.get("text")]
        return texts


@lru_cache(maxsize=2)
def _passed_in(code: str) -> frozenset[str]:
    """Names of the values that code passes on; kept, because reading all code takes a second."""
    passed: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("utter_message", "find"):
            passed |= {keyword.arg for keyword in node.keywords if keyword.arg}
    return frozenset(passed)


def read_project(root: Path) -> Project:
    """Return the project at `root`; raises ContentUnreadable, which names the file."""
    words: dict[str, Any] = read_file(root, Path("engine/clinic_words.yml")).content
    return Project(
        root=root,
        files=_read_folder(root, "data"),
        conversations=_read_folder(root, "tests/conversations"),
        domain=read_file(root, Path("domain.yml")),
        known_facts=frozenset(read_facts(root / "content" / "facts.yml")),
        known_complaints=frozenset({**words.get("condition", {}), **words.get("body_area", {})}),
        code="\n".join(
            path.read_text(encoding="utf-8")
            for folder in CODE_FOLDERS
            for path in sorted((root / folder).rglob("*.py"))
        ),
    )


def _read_folder(root: Path, folder: str) -> list[ContentFile]:
    return [read_file(root, path.relative_to(root)) for path in sorted((root / folder).rglob("*.yml"))]
