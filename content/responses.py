"""Reads the approved sentences (`responses:`) of the content files, so that every surface says the same.

The files are Rasa training data (YAML, https://rasa.com/docs/rasa/responses): a response is a list of
variants. Ours carry `metadata.needs`, the clinic facts a variant speaks of; the first variant whose facts
are all set is used. Variants for an urgent category or a complaint belong to a conversation and are left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
PAYLOAD = re.compile(r"/(?P<intent>\w+)(?P<values>\{.*\})?", re.DOTALL)


class ResponsesInvalid(Exception):
    """A content file cannot be read or a response in it is not well formed; the message names it."""


class ResponseMissing(KeyError):
    """No response of that name exists, or none of its variants can be said with the facts that are set."""


@dataclass(frozen=True)
class Choice:
    """A button: what it shows, and the intent and slot values it stands for."""

    title: str
    intent: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """One response ready to be shown: placeholders filled."""

    name: str
    kind: str
    text: str
    choices: list[Choice]
    sources: list[dict[str, str]]


class Responses:
    """The responses of all files by name."""

    def __init__(self, variants: Mapping[str, list[dict[str, Any]]], placeholders: Mapping[str, str]) -> None:
        """Take the variants of each response name and the clinic facts that are set."""
        self._variants = variants
        self._placeholders = dict(placeholders)

    def names(self) -> list[str]:
        """Return the names of all responses, sorted."""
        return sorted(self._variants)

    def filled_with(self, placeholders: Mapping[str, str]) -> Responses:
        """Return the same responses for other clinic facts."""
        return Responses(self._variants, placeholders)

    def find(self, name: str, **values: str) -> Response:
        """Return the response `name` filled with the clinic facts and `values`; raises ResponseMissing."""
        known = {**self._placeholders, **values}
        for variant in self._variants.get(name, []):
            metadata = variant.get("metadata") or {}
            special = "category" in metadata or "about" in metadata
            if not special and all(known.get(need) for need in metadata.get("needs") or []):
                return _fill(name, variant, metadata, known)
        raise ResponseMissing(name)


def _fill(name: str, variant: dict[str, Any], metadata: dict[str, Any], known: dict[str, str]) -> Response:
    buttons = variant.get("buttons") or []
    return Response(
        name=name,
        kind=metadata.get("kind", "text"),
        text=_fill_text(name, variant["text"], known),
        choices=[_read_choice(name, button) for button in buttons],
        sources=[dict(source) for source in metadata.get("sources") or []],
    )


def _fill_text(name: str, text: str, known: dict[str, str]) -> str:
    def value_of(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ResponseMissing(f"{name}: no value for {{{match[1]}}}")
        return known[match[1]]

    return PLACEHOLDER.sub(value_of, text).strip()


def _read_choice(name: str, button: dict[str, Any]) -> Choice:
    match = PAYLOAD.fullmatch(button["payload"])
    if match is None:
        raise ResponsesInvalid(f"{name}: the payload {button['payload']!r} is not /intent or /intent{{...}}")
    try:
        values = json.loads(match["values"] or "{}")
    except ValueError as error:
        raise ResponsesInvalid(f"{name}: the values of {button['payload']!r} are not JSON") from error
    return Choice(title=button["title"], intent=match["intent"], values=values)


def read_responses(sources: Iterable[Path], placeholders: Mapping[str, str]) -> Responses:
    """Return the responses of all YAML files in `sources` (folders, searched below, or files).

    Raises ResponsesInvalid for an unreadable file, a variant without text, a bad button, a name used twice.
    """
    variants: dict[str, list[dict[str, Any]]] = {}
    for path in _find_files(sources):
        for name, found in _read_file(path).items():
            if name in variants:
                raise ResponsesInvalid(f"{path}: {name} is already defined in another file")
            variants[name] = _check_variants(path, name, found)
    return Responses(variants, placeholders)


def _find_files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            yield from sorted(source.rglob("*.yml"))
        elif source.is_file():
            yield source
        else:
            raise ResponsesInvalid(f"{source}: there is no such file or folder")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = YAML(typ="safe").load(path.read_text("utf-8"))
    except (OSError, UnicodeError, YAMLError) as error:
        raise ResponsesInvalid(f"{path}: {error}") from error
    responses = content.get("responses") if isinstance(content, dict) else None
    if not isinstance(responses or {}, dict):
        raise ResponsesInvalid(f"{path}: responses is not a mapping")
    return responses or {}


def _check_variants(path: Path, name: str, found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not found:
        raise ResponsesInvalid(f"{path}: {name} has no variants")
    for variant in found:
        if not isinstance(variant, dict) or not isinstance(variant.get("text"), str):
            raise ResponsesInvalid(f"{path}: {name} has a variant without text")
        for button in variant.get("buttons") or []:
            _read_choice(name, button)
    return found
