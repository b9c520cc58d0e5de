"""Reads the small markup of an assistant message, so that a template can show it without raw HTML.

The subset is the chat API's: a blank line starts a paragraph, `- ` a list item, `**bold**`,
`[label](target)` with a target that is https, tel, sms or a path on this site.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Kind = Literal["text", "list"]

_PIECE = re.compile(
    r"\*\*(?P<bold>[^*]+)\*\*|\[(?P<label>[^\]]+)\]"
    r"\((?P<target>(?:https://|tel:|sms:|/(?!/))[^\s)]*)\)"
)


@dataclass(frozen=True)
class Piece:
    """A run of text; `target` makes it a link, `bold` strong."""

    text: str
    bold: bool = False
    target: str | None = None


@dataclass(frozen=True)
class Block:
    """One paragraph or one list; each line is its pieces in order."""

    kind: Kind
    lines: list[list[Piece]]


def read_blocks(text: str) -> list[Block]:
    """Return the paragraphs and lists of `text` in order; anything outside the subset stays plain text."""
    return [
        Block(kind, [_read_pieces(line.removeprefix("- ")) for line in lines])
        for paragraph in re.split(r"\n\s*\n", text.strip())
        for kind, lines in groupby(paragraph.splitlines(), key=_kind_of)
    ]


def _kind_of(line: str) -> Kind:
    return "list" if line.startswith("- ") else "text"


def _read_pieces(line: str) -> list[Piece]:
    pieces: list[Piece] = []
    end = 0
    for match in _PIECE.finditer(line):
        if match.start() > end:
            pieces.append(Piece(line[end : match.start()]))
        if match["bold"]:
            pieces.append(Piece(match["bold"], bold=True))
        else:
            pieces.append(Piece(match["label"], target=match["target"]))
        end = match.end()
    if end < len(line):
        pieces.append(Piece(line[end:]))
    return pieces


def read_intent_words(intent: str) -> str:
    """Return an intent's name as words: `ask_session_length` is "session length"."""
    return intent.removeprefix("ask_").replace("_", " ")
