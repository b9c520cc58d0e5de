"""Writes a changed draft into a content file's text, and touches nothing else.

What was written is read back: when it does not say exactly what the draft says, or when any other part of the
file says something new, the change is refused.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from content.draft import RECORD, Draft, IntentDraft, VariantDraft, read_draft
from content.files import ContentUnreadable, parse_text
from content.yaml_edits import Source, change_lines, items, members, set_scalar
from content.yaml_lists import add_member, remove_member, set_list

_FORM = {"text", "buttons"}


class EditRefused(Exception):
    """The change cannot be written into this file; the message says what to do."""


def write_draft(text: str, path: Path, draft: Draft) -> str:
    """Return `text` (of the file at `path`) with what `draft` changes, every other character as it was.

    The draft has the intents and variants of the file, in order. Raises EditRefused, ContentUnreadable.
    """
    before = read_draft(text, path)
    if _outline(before) != _outline(draft):
        raise EditRefused(f"{path}: the parts of the file are not those of the form. Open the page again.")
    _check_words(draft)
    source = Source(text)
    try:
        _edit_intents(source, before, draft)
        _edit_variants(source, before, draft)
        after = source.result()
        is_right = read_draft(after, path) == draft and _rest(after, path) == _rest(text, path)
    except (ContentUnreadable, YAMLError, KeyError, IndexError, AttributeError) as error:
        raise EditRefused(_refusal(path)) from error
    if not is_right:
        raise EditRefused(_refusal(path))
    return after


def _refusal(path: Path) -> str:
    return f"{path}: this change cannot be written without touching other lines. Make it in a text editor."


def _outline(draft: Draft) -> tuple[list[str], list[str]]:
    return [part.intent for part in draft.intents], [variant.response for variant in draft.variants]


def _check_words(draft: Draft) -> None:
    for part in draft.intents:
        for wording in part.wordings:
            if not wording.strip() or "\n" in wording or wording.startswith(("-", "/")):
                raise EditRefused("A way to ask is one line, and does not begin with a dash or a slash.")
    for variant in draft.variants:
        if not variant.text.strip():
            raise EditRefused("The answer is empty. Write what the assistant should say.")


def _edit_intents(source: Source, before: Draft, draft: Draft) -> None:
    parts = items(members(source.root).get("nlu", (None, None))[1])
    nodes = [node for node in parts if "intent" in members(node)]
    for node, old, new in zip(nodes, before.intents, draft.intents, strict=True):
        if old.wordings != new.wordings:
            lines = [f"- {wording}" for wording in new.wordings]
            change_lines(source, members(node)["examples"], lines, str.rstrip, keep_blank=True)
        if old.record != new.record:
            _edit_record(source, members(node)["metadata"][1], old, new)


def _edit_record(source: Source, node: Any, old: IntentDraft, new: IntentDraft) -> None:
    written = members(node)
    for name in RECORD:
        before, after = old.record.get(name), new.record.get(name)
        if before == after:
            continue
        if after is None:
            remove_member(source, node, name)
        elif name not in written:
            add_member(source, node, name, after)
        elif name == "facts":
            set_list(source, written[name], list(before or ()), list(after))
        else:
            set_scalar(source, written[name], after)


def _edit_variants(source: Source, before: Draft, draft: Draft) -> None:
    responses = members(members(source.root).get("responses", (None, None))[1])
    nodes = [node for _, options in responses.values() for node in items(options)]
    for node, old, new in zip(nodes, before.variants, draft.variants, strict=True):
        if old.text != new.text:
            set_scalar(source, members(node)["text"], new.text)
        if old.buttons != new.buttons:
            _edit_list(source, node, "buttons", _buttons(old), _buttons(new))
        if old.sources != new.sources:
            metadata = members(node)["metadata"][1]
            _edit_list(source, metadata, "sources", _sources(old), _sources(new))


def _edit_list(source: Source, node: Any, name: str, old: list[Any], new: list[Any]) -> None:
    if name in members(node):
        set_list(source, members(node)[name], old, new)
    else:
        add_member(source, node, name, new)


def _buttons(variant: VariantDraft) -> list[dict[str, str]]:
    return [{"title": title, "payload": payload} for title, payload in variant.buttons]


def _sources(variant: VariantDraft) -> list[dict[str, str]]:
    return [{"name": name, "url": url} for name, url in variant.sources]


def _rest(text: str, path: Path) -> dict[str, Any]:
    """Return the file's content without what a draft holds."""
    content = copy.deepcopy(parse_text(text, path))
    for part in content.get("nlu") or []:
        if "intent" in part:
            part.pop("examples", None)
            part["metadata"] = {k: v for k, v in (part.get("metadata") or {}).items() if k not in RECORD}
    for options in (content.get("responses") or {}).values():
        for option in options:
            for name in _FORM:
                option.pop(name, None)
            (option.get("metadata") or {}).pop("sources", None)
    return content
