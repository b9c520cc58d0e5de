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
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

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
        if YAML(typ="safe").load(f"- {value}\n") == [value] and YAML(typ="safe").load(f"[{value}]") == [
            value
        ]:
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
    for kind, first, last, new_first, new_last in _changes(old, new):
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


def _changes(old: Sequence[Any], new: Sequence[Any]) -> list[tuple[str, int, int, int, int]]:
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [change for change in found if change[0] != "equal"]


def set_list(source: Source, member: Member, old: Sequence[Any], new: Sequence[Any]) -> None:
    """Change a list, of texts or of mappings of texts, from `old` to `new`; equal entries stay as written."""
    key, node = member
    if list(old) == list(new):
        return
    if not items(node):
        _fill_list(source, member, new)
    elif node.flow_style:
        written = ", ".join(_in_flow(entry) for entry in new)
        source.replace(node.start_mark.index, node.end_mark.index, f"[{written}]")
    elif not new:
        end = _list_places(source, node)[-1]
        source.replace(key.end_mark.index, end, ": []\n")
    else:
        _change_list(source, node, old, new)


def _in_flow(entry: Any) -> str:
    return write_scalar(entry) if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)


def _fill_list(source: Source, member: Member, new: Sequence[Any]) -> None:
    key, node = member
    if all(isinstance(entry, str) for entry in new):
        written = f": [{', '.join(_in_flow(entry) for entry in new)}]"
    else:
        written = ":\n" + _write_entries(new, int(key.start_mark.column)).rstrip("\n")
    source.replace(key.end_mark.index, max(node.end_mark.index, key.end_mark.index + 1), written)


def _write_entries(entries: Sequence[Any], indent: int) -> str:
    lines = []
    for entry in entries:
        parts = [entry] if isinstance(entry, str) else [f"{k}: {write_scalar(v)}" for k, v in entry.items()]
        parts[0] = write_scalar(parts[0]) if isinstance(entry, str) else parts[0]
        lines += [f"{' ' * indent}{'  ' if number else '- '}{part}\n" for number, part in enumerate(parts)]
    return "".join(lines)


def _list_places(source: Source, node: Any) -> list[int]:
    """Return where each entry's first line begins, and where the list ends."""
    places = [source.line_start(item.start_mark.index) for item in items(node)]
    first = source.next_line(places[-1])
    return [*places, max(first, source.end_of_block(first, int(node.start_mark.column)))]


def _change_list(source: Source, node: Any, old: Sequence[Any], new: Sequence[Any]) -> None:
    places, indent = _list_places(source, node), int(node.start_mark.column)
    for _, first, last, new_first, new_last in _changes(
        [repr(entry) for entry in old], [repr(entry) for entry in new]
    ):
        both = min(last - first, new_last - new_first)
        for offset in range(both):
            _change_entry(source, items(node)[first + offset], new[new_first + offset])
        if first + both < last:
            source.replace(places[first + both], places[last], "")
        elif new_first + both < new_last:
            source.insert_lines(places[last], _write_entries(new[new_first + both : new_last], indent))


def _change_entry(source: Source, node: Any, entry: Any) -> None:
    if isinstance(entry, str):
        return source.replace(node.start_mark.index, node.end_mark.index, write_scalar(entry))
    known = members(node)
    for name, value in entry.items():
        if str(known[name][1].value) != value:
            set_scalar(source, known[name], value)
    return None


def add_member(source: Source, mapping: Node, name: str, value: Any) -> None:
    """Add a key at the end of a mapping; `value` is a text or a list."""
    listed = "" if isinstance(value, str) else ", ".join(_in_flow(entry) for entry in value)
    written = write_scalar(value) if isinstance(value, str) else f"[{listed}]"
    if mapping.flow_style:
        place = mapping.end_mark.index - 1
        return source.replace(place, place, f"{', ' if mapping.value else ''}{name}: {written}")
    indent = int(mapping.start_mark.column)
    if not isinstance(value, str):
        written = "\n" + _write_entries(value, indent).rstrip("\n")
    line = f"{' ' * indent}{name}:{'' if written.startswith(chr(10)) else ' '}{written}\n"
    return source.insert_lines(end_of_mapping(source, mapping), line)


def end_of_mapping(source: Source, mapping: Node) -> int:
    """Return where the lines of a block mapping end."""
    last = mapping.value[-1][0].start_mark.index
    after = source.next_line(last)
    return max(after, source.end_of_block(after, int(mapping.start_mark.column)))


def remove_member(source: Source, mapping: Node, name: str) -> None:
    """Take a key with a value on one line out of a mapping."""
    key, value = members(mapping)[name]
    if not mapping.flow_style:
        start = source.line_start(key.start_mark.index)
        return source.replace(start, source.next_line(start), "")
    before = source.text.rfind(",", mapping.start_mark.index, key.start_mark.index)
    start = before if before >= 0 else key.start_mark.index
    return source.replace(start, value.end_mark.index, "")
