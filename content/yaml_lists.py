"""Changes to the lists and the keys of a YAML file, on top of `content.yaml_edits`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from content.yaml_edits import Member, Source, find_changes, items, members, set_scalar, write_scalar


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
    for _, first, last, new_first, new_last in find_changes(
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


def add_member(source: Source, mapping: Any, name: str, value: Any) -> None:
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


def end_of_mapping(source: Source, mapping: Any) -> int:
    """Return where the lines of a block mapping end."""
    last = mapping.value[-1][0].start_mark.index
    after = source.next_line(last)
    return max(after, source.end_of_block(after, int(mapping.start_mark.column)))


def remove_member(source: Source, mapping: Any, name: str) -> None:
    """Take a key with a value on one line out of a mapping."""
    key, value = members(mapping)[name]
    if not mapping.flow_style:
        start = source.line_start(key.start_mark.index)
        return source.replace(start, source.next_line(start), "")
    before = source.text.rfind(",", mapping.start_mark.index, key.start_mark.index)
    start = before if before >= 0 else key.start_mark.index
    return source.replace(start, value.end_mark.index, "")
