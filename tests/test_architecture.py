"""Who may import whom. A reader of one folder need not know the others."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("clinic", "content", "actions", "web", "engine", "launch", "evaluation")
FRAMEWORKS = ("rasa", "rasa_sdk", "sanic", "spacy", "httpx", "jinja2")
# folder → (folders of ours it may import, frameworks it may import)
RULES = {
    "clinic": ((), ()),
    "content": (("clinic",), ()),
    "actions": (("clinic",), ("rasa_sdk", "sanic")),
    "web": (("clinic", "content"), ("sanic", "httpx", "jinja2")),
    "engine": ((), ("rasa", "spacy", "sanic")),
    "launch": (("clinic", "content"), ("httpx",)),
    "evaluation": (("engine",), ("rasa",)),
}


def imports_of(source: str) -> set[str]:
    """Top-level names of everything a module imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def forbidden_imports(folder: str, source: str) -> set[str]:
    ours, frameworks = RULES[folder]
    return {
        name
        for name in imports_of(source)
        if (name in OURS and name != folder and name not in ours)
        or (name in FRAMEWORKS and name not in frameworks)
    }


@pytest.mark.parametrize("folder", RULES)
def test_a_folder_imports_only_what_it_may(folder: str) -> None:
    broken = {
        str(path.relative_to(ROOT)): forbidden
        for path in (ROOT / folder).rglob("*.py")
        if (forbidden := forbidden_imports(folder, path.read_text(encoding="utf-8")))
    }
    assert not broken


def test_a_planted_import_is_caught() -> None:
    assert forbidden_imports("clinic", "def f():\n    from web.app import create_app\n") == {"web"}
    assert forbidden_imports("clinic", "import sanic") == {"sanic"}
    assert forbidden_imports("web", "from rasa.core import agent") == {"rasa"}


def test_bootstrapping_needs_nothing_installed() -> None:
    source = (ROOT / "launch" / "environments.py").read_text(encoding="utf-8")
    assert imports_of(source) - {"__future__"} <= set(sys.stdlib_module_names)


def test_no_sentence_for_visitors_stands_in_an_action() -> None:
    """`utter_message(text=…)` would put words into Python, where no reviewer looks."""
    texts = []
    for path in (ROOT / "actions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "utter_message":
                texts += [path.name for keyword in node.keywords if keyword.arg == "text"]
    assert not texts
