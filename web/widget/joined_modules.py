"""Joins the panel's modules into the one file a visitor's browser fetches.

Eleven small files are good to work on, but each would cost a phone a round trip, three of them one after
the other, and compressed apart they are a fifth larger. The modules keep to a plain form so that joining
is only cutting and pasting: named imports without renaming, from files of this folder.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]+\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=class|function|const|async)", re.MULTILINE)
_NAME = re.compile(r"^(?:export )?(?:async )?(?:class|function|const|let) (\w+)", re.MULTILINE)


class ModulesClash(Exception):
    """Two modules give the same name to different things; the message says which names."""


def join_modules(entry: Path) -> str:
    """Return the module `entry` and everything it imports as one module; imported code stands first.

    Raises ModulesClash when two modules use one name, OSError when an imported file is missing.
    """
    texts: dict[Path, str] = {}
    _collect(entry, texts)
    names = Counter(name for text in texts.values() for name in _NAME.findall(text))
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        raise ModulesClash(", ".join(twice))
    parts = [_IMPORT.sub("", text) for text in texts.values()]
    # Only the entry's exports are anyone else's business.
    return "".join([*(_EXPORT.sub("", part) for part in parts[:-1]), parts[-1]])


def _collect(path: Path, texts: dict[Path, str]) -> None:
    """Add `path` to `texts` after all that it imports."""
    text = path.read_text("utf-8")
    for name in _IMPORT.findall(text):
        if path.with_name(name) not in texts:
            _collect(path.with_name(name), texts)
    texts[path] = text
