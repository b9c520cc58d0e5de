"""The files that the content rules read: each with its YAML content and a way back to the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class ContentUnreadable(Exception):
    """A file of the project is missing or is not YAML of the expected form; the message names it."""


@dataclass(frozen=True)
class ContentFile:
    """One YAML file. `path` is relative to the project; `content` is its mapping."""

    path: Path
    lines: list[str]
    content: dict[str, Any]

    @property
    def stem(self) -> str:
        """Return the name that runs through the file: `cost` of `data/faq/cost.yml`."""
        return self.path.stem

    @property
    def is_topic(self) -> bool:
        """Return whether this is a question with its answer."""
        return self.path.parts[:2] == ("data", "faq")

    @property
    def state(self) -> str:
        """Return `live`, `draft` or `off`: the key `state` of its first record, `live` without one."""
        records = [part.get("metadata") or {} for part in self.intents()]
        return str((records[0].get("state") if records else None) or "live")

    def line_of(self, snippet: str, after: int = 0) -> int:
        """Return the number of the first line holding `snippet` below line `after`; 1 when there is none."""
        for number, line in enumerate(self.lines[after:], start=after + 1):
            if snippet in line:
                return number
        return 1

    def intents(self) -> list[dict[str, Any]]:
        """Return the parts under `nlu` that belong to an intent."""
        return [part for part in self.content.get("nlu") or [] if "intent" in part]

    def wordings(self) -> list[Wording]:
        """Return every training wording."""
        return [wording for part in self.intents() for wording in self._wordings_of(part)]

    def _wordings_of(self, part: dict[str, Any]) -> list[Wording]:
        start = self.line_of(f"intent: {part['intent']}")
        texts = [
            line[2:].strip() for line in str(part.get("examples") or "").splitlines() if line[:2] == "- "
        ]
        return [
            Wording(text, str(part["intent"]), self.path, self.line_of(f"- {text}", start)) for text in texts
        ]

    def variants(self) -> list[Variant]:
        """Return every variant of every response."""
        found = []
        for name, options in (self.content.get("responses") or {}).items():
            line = self.line_of(f"{name}:")
            for option in options or []:
                first = str(option.get("text") or "").strip().splitlines()[:1]
                line = self.line_of(first[0] if first else "- text", line)
                found.append(Variant(name, option, self, line))
        return found

    def steps(self, kind: str) -> list[dict[str, Any]]:
        """Return the rules or the stories of the file; `kind` is `rule` or `story`."""
        plural = {"rule": "rules", "story": "stories"}[kind]
        return list(self.content.get(plural) or [])


@dataclass(frozen=True)
class Wording:
    """One way to ask."""

    text: str
    intent: str
    path: Path
    line: int


@dataclass(frozen=True)
class Variant:
    """One variant of a response, as written."""

    response: str
    written: dict[str, Any]
    file: ContentFile
    line: int

    @property
    def text(self) -> str:
        """Return its text; empty when it has none."""
        return str(self.written.get("text") or "")

    @property
    def metadata(self) -> dict[str, Any]:
        """Return its metadata."""
        return self.written.get("metadata") or {}

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """Return its buttons."""
        return self.written.get("buttons") or []


def read_file(root: Path, path: Path) -> ContentFile:
    """Return the file at `root / path`; raises ContentUnreadable."""
    try:
        text = (root / path).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ContentUnreadable(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    return make_file(text, path)


def make_file(text: str, path: Path) -> ContentFile:
    """Return the file that `text` would be at `path`; raises ContentUnreadable."""
    return ContentFile(path, text.splitlines(), parse_text(text, path))


def parse_text(text: str, path: Path) -> dict[str, Any]:
    """Return the mapping in `text`; raises ContentUnreadable, which names `path`. Nobody may change it."""
    try:
        content = _parse(text)
    except YAMLError as error:
        raise ContentUnreadable(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ContentUnreadable(f"{path}: is not a mapping with `nlu`, `responses`, `rules` or `stories`")
    return content


@lru_cache(maxsize=512)
def _parse(text: str) -> Any:
    """The YAML content, which nobody changes: a new question is linted twice."""
    return YAML(typ="safe").load(text)


def message_text(step_text: str) -> str:
    """Return a message of a conversation test without the marks of its entities."""
    return re.sub(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})", r"\1", step_text).strip()
