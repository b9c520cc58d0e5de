"""What can be changed in a content file without an editor: wordings, answers, buttons, sources, the record.

A `Draft` is the file as a form shows it. `content.editor` writes a changed one back into the file's text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from content.files import ContentUnreadable, parse_text

RECORD = (
    "title", "facts", "status", "checked_on", "review_by",
    "approved_by", "approved_on", "written_by", "state",
)  # fmt: skip


@dataclass(frozen=True)
class IntentDraft:
    """The ways to ask one thing, and its review record: the keys of RECORD that are set."""

    intent: str
    wordings: tuple[str, ...]
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def facts(self) -> tuple[str, ...]:
        """Return the ids of the facts it stands on."""
        return tuple(self.record.get("facts") or ())

    @property
    def state(self) -> str:
        """Return `live`, `draft` or `off`."""
        return str(self.record.get("state") or "live")


@dataclass(frozen=True)
class VariantDraft:
    """One variant of a response: `buttons` are (title, payload), `sources` are (name, url)."""

    response: str
    text: str
    buttons: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Draft:
    """The changeable parts of one file, in the order of the file."""

    intents: tuple[IntentDraft, ...]
    variants: tuple[VariantDraft, ...]


def read_draft(text: str, path: Path) -> Draft:
    """Return what the file with content `text` holds; raises ContentUnreadable, which names `path`."""
    content = parse_text(text, path)
    try:
        intents = [_read_intent(part) for part in content.get("nlu") or [] if "intent" in part]
        variants = [
            _read_variant(name, option)
            for name, options in (content.get("responses") or {}).items()
            for option in options or []
        ]
    except (AttributeError, TypeError, KeyError) as error:
        raise ContentUnreadable(f"{path}: is not built as the other content files are") from error
    return Draft(tuple(intents), tuple(variants))


def _read_intent(part: dict[str, Any]) -> IntentDraft:
    metadata = part.get("metadata") or {}
    record = {key: metadata[key] for key in RECORD if metadata.get(key) is not None}
    if "facts" in record:
        record["facts"] = tuple(str(fact) for fact in record["facts"])
    lines = str(part.get("examples") or "").splitlines()
    return IntentDraft(
        str(part["intent"]), tuple(line[2:].strip() for line in lines if line[:2] == "- "), record
    )


def _read_variant(name: str, option: dict[str, Any]) -> VariantDraft:
    return VariantDraft(
        response=name,
        text=str(option.get("text") or "").strip(),
        buttons=tuple((str(one["title"]), str(one["payload"])) for one in option.get("buttons") or []),
        sources=tuple(
            (str(one["name"]), str(one["url"])) for one in (option.get("metadata") or {}).get("sources") or []
        ),
    )
