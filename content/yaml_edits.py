"""Changes to the text of a YAML file that leave every other character where it is.

ruamel.yaml tells where each value stands (https://yaml.dev/doc/ruamel.yaml/); the text itself is never
written anew, so comments, order, quotes and blank lines stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

Member = tuple[Any, Any]
"""A key of a mapping and its value, as nodes."""


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` of a text are replaced by `new`."""

    start: int
    end: int
    new: str


class Source:
    """A YAML text with its nodes, on which edits are collected."""

    def __init__(self, text: str) -> None:
        """Take the text; raises YAMLError."""
        self.text = text
        self.edits: list[Edit] = []
        self.root: Any = YAML(typ="safe", pure=True).compose(text)

    def result(self) -> str:
        """Return the text with all edits made."""
        text = self.text
        for edit in sorted(self.edits, key=lambda edit: (edit.start, edit.end), reverse=True):
            text = text[: edit.start] + edit.new + text[edit.end :]
        return text

    def replace(self, start: int, end: int, new: str) -> None:
        """Collect one edit."""
        if self.text[start:end] != new:
            self.edits.append(Edit(start, end, new))

    def insert_lines(self, place: int, lines: str) -> None:
        """Put whole lines at `place`, the beginning of a line or the end of the text."""
        is_open = place > 0 and self.text[place - 1] != "\n"
        self.replace(place, place, "\n" + lines.rstrip("\n") if is_open else lines)

    def line_start(self, place: int) -> int:
        """Return where the line of `place` begins."""
        return self.text.rfind("\n", 0, place) + 1

    def next_line(self, place: int) -> int:
        """Return where the line after the one of `place` begins; the length of the text at its end."""
        found = self.text.find("\n", place)
        return len(self.text) if found < 0 else found + 1

    def end_of_block(self, place: int, indent: int) -> int:
        """Return the end of the lines from `place` that are indented by more than `indent`.

        Blank lines at the end belong to what comes after.
        """
        end = place
        while place < len(self.text):
            after = self.next_line(place)
            line = self.text[place:after]
            if line.strip():
                if len(line) - len(line.lstrip(" ")) <= indent:
                    break
                end = after
            place = after
        return end


def members(node: Any) -> dict[str, Member]:
    """Return the key and value nodes of a mapping by key; empty for anything else."""
    if not isinstance(node, MappingNode):
        return {}
    return {str(key.value): (key, value) for key, value in node.value}


def items(node: Any) -> list[Any]:
    """Return the nodes in a sequence; empty for anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def write_scalar(value: str) -> str:
    """Return `value` as a YAML value on one line: plain where that reads back as the same text."""
    try:
        found = [YAML(typ="safe").load(written) for written in (f"- {value}\n", f"[{value}]")]
        if found == [[value], [value]]:
            return value
    except YAMLError:
        pass
    return json.dumps(value, ensure_ascii=False)


def set_scalar(source: Source, member: Member, value: str) -> None:
    """Change the value of a key to the text `value`, in the style it is written in."""
    key, node = member
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        return _set_block(source, member, value)
    if "\n" in value:
        pad = " " * (key.start_mark.column + 2)
        body = "\n".join(f"{pad}{line}".rstrip() for line in value.split("\n"))
        return source.replace(node.start_mark.index, node.end_mark.index, f"|-\n{body}")
    quoted = isinstance(node, ScalarNode) and node.style == '"'
    new = json.dumps(value, ensure_ascii=False) if quoted else write_scalar(value)
    source.replace(node.start_mark.index, node.end_mark.index, new)
    return None


def _set_block(source: Source, member: Member, value: str) -> None:
    key, node = member
    if node.style == ">":
        header = node.start_mark.index
        source.replace(header, header + 1, "|")
    change_lines(source, member, value.split("\n"), lambda line: line)


def change_lines(
    source: Source, member: Member, new: Sequence[str], read: Callable[[str], str], keep_blank: bool = False
) -> None:
    """Change the lines of a block text (`key: |`) to `new`; equal ones stay as they are written.

    read: what a written line, without its indentation, says. keep_blank: blank lines say nothing and stay.
    """
    key, node = member
    start = source.next_line(node.start_mark.index)
    end = source.end_of_block(start, _indent_of(source, key))
    written = source.text[start:end].splitlines(keepends=True)
    filled = [line for line in written if line.strip()]
    indent = len(filled[0]) - len(filled[0].lstrip(" ")) if filled else _indent_of(source, key) + 2
    old = [read(line[indent:].rstrip("\n")) for line in written]
    place = [start]
    for line in written:
        place.append(place[-1] + len(line))
    for kind, first, last, new_first, new_last in find_changes(old, new):
        lines = "".join(f"{' ' * indent}{line}".rstrip() + "\n" for line in new[new_first:new_last])
        while keep_blank and last > first and not old[last - 1]:
            last -= 1
        if kind == "insert":
            source.insert_lines(place[first], lines)
        else:
            source.replace(place[first], place[last], lines)


def _indent_of(source: Source, key: Any) -> int:
    """Return the indentation of the mapping a key is in; `- ` of a list counts as indentation."""
    return int(key.start_mark.column)


def find_changes(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, int, int, int, int]]:
    """Return the changes from `old` to `new` as difflib's opcodes, without the equal parts."""
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [change for change in found if change[0] != "equal"]
