"""Reads the files that hold the page's and the notices' sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class WordsInvalid(Exception):
    """A words file is missing or is not a YAML mapping; the message names the file."""


def read_words(path: Path) -> dict[str, Any]:
    """Return the mapping in the YAML file `path`; raises WordsInvalid naming the file."""
    try:
        words = YAML(typ="safe").load(path.read_text("utf-8"))
    except (OSError, YAMLError) as error:
        raise WordsInvalid(f"{path}: {error}") from error
    if not isinstance(words, dict):
        raise WordsInvalid(f"{path}: expected a mapping of words")
    return words
