"""Joins a module and all it imports into the one file a visitor's browser fetches.

Many small files are good to work on, but each would cost a phone a round trip, some of them one after the
other, and compressed apart they are a quarter larger. The modules keep to a plain form so that joining is
only cutting and pasting: named imports without renaming, from files of this folder, and style sheets and
sentences imported as what they are (`with { type: "text" }`, `with { type: "json" }`).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from web.widget.shrinking import shorten_private_names, shrink

_IMPORT = re.compile(r'^import \{[^}]+\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_DATA_IMPORT = re.compile(
    r'^import (\w+) from "\./([\w./-]+)" with \{ type: "(text|json)" \};\n', re.MULTILINE
)
_EXPORT = re.compile(r"^export (?=class|function|const|async)", re.MULTILINE)
_NAME = re.compile(r"^(?:export )?(?:async )?(?:class|function|const|let) (\w+)", re.MULTILINE)


class ModulesClash(Exception):
    """Two modules give the same name to different things; the message says which names."""


def join_modules(entry: Path, language: str = "en") -> str:
    """Return the module `entry` and everything it imports as one small module; what is imported stands first.

    Sentences are those of `language`: for `strings/en.json`, `strings/<language>.json` is taken.
    Raises ModulesClash when two modules use one name, OSError when an imported file is missing.
    """
    texts: dict[Path, str] = {}
    _collect(entry, texts)
    names = Counter(name for text in texts.values() for name in _NAME.findall(text))
    twice = sorted(name for name, count in names.items() if count > 1)
    if twice:
        raise ModulesClash(", ".join(twice))
    *imported, last = (_DATA_IMPORT.sub("", _IMPORT.sub("", text)) for text in texts.values())
    # Only the entry's exports are anyone else's business.
    script = "".join([*(_EXPORT.sub("", text) for text in imported), last])
    data = [
        _inline(path.parent, language, found)
        for path, text in texts.items()
        for found in _DATA_IMPORT.finditer(text)
    ]
    return "".join([*data, shorten_private_names(shrink(script, ".js"))])


def _collect(path: Path, texts: dict[Path, str]) -> None:
    """Add `path` to `texts` after all that it imports."""
    text = path.read_text("utf-8")
    for name in _IMPORT.findall(text):
        if path.with_name(name) not in texts:
            _collect(path.with_name(name), texts)
    texts[path] = text


def _inline(folder: Path, language: str, found: re.Match[str]) -> str:
    name, file, kind = found.groups()
    path = folder / file.replace("strings/en.", f"strings/{language}.")
    content = shrink(path.read_text("utf-8"), path.suffix)
    return f"const {name} = {content if kind == 'json' else json.dumps(content)};\n"
