"""The widget's README names what the source has, and the reverse; every sentence is used."""

from __future__ import annotations

import json
import re
from pathlib import Path

WIDGET = Path(__file__).parents[2] / "web" / "widget"
README = (WIDGET / "README.md").read_text("utf-8")
SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted(WIDGET.glob("*.js")))
STYLES = "\n".join(path.read_text("utf-8") for path in sorted(WIDGET.glob("*.css")))


def read_section(title: str) -> str:
    """The README's text below one heading."""
    return re.split(r"^## ", README.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def read_first_column(title: str) -> set[str]:
    """The code words in the first column of a section's table."""
    rows = re.findall(r"^\| (`[^|]+) \|", read_section(title), flags=re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_the_attributes_are_documented() -> None:
    options = re.search(r"const OPTIONS = \[(.+)\];", SCRIPTS)
    assert options is not None
    names = re.findall(r'"(\w+)"', options[1])
    in_source = {"data-" + re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), name) for name in names}
    assert in_source == set(re.findall(r"data-(?:title|position|z-index|api|lang|open|remember)", README))
    assert in_source == read_first_column("Attributes")


def test_the_events_are_documented() -> None:
    assert set(re.findall(r'tell\("([\w-]+)"\)', SCRIPTS)) == read_first_column("Events")


def test_the_variables_are_documented() -> None:
    assert set(re.findall(r"--acupuncture-chat-[\w-]+", STYLES)) == read_first_column("CSS variables")


def test_the_parts_are_documented() -> None:
    names = re.findall(r'"part", "([\w-]+)"', SCRIPTS)
    names += re.findall(r'create\(\s*["`]\w+\.([^"`]+)["`]', SCRIPTS)
    names += re.findall(r'createButton\(\s*"([^"]+)"', SCRIPTS)
    in_source = {part for name in names for part in name.split(".")}
    in_source -= {"${kind}", "${name}", "visually-hidden"}
    in_source |= {"text", "urgent", "notice", "saved"}
    documented = {word for word in re.findall(r"`([^`]+)`", read_section("Parts")) if "(" not in word}
    assert in_source == documented


def test_the_files_are_documented() -> None:
    found = {path.name for path in WIDGET.iterdir() if path.suffix in (".js", ".css", ".py")}
    assert found - {"__init__.py"} | {"strings/"} == read_first_column("The files")


def test_every_sentence_is_used_and_every_used_sentence_exists() -> None:
    sentences: dict[str, str] = {}
    for name in ("en.launcher.json", "en.json"):
        sentences |= json.loads((WIDGET / "strings" / name).read_text("utf-8"))
    words = set(re.findall(r"\w+", SCRIPTS))
    composed = ("status_", "failed_", "contact_", "unread_", "characters_")
    unused = {key for key in sentences if key not in words and not key.startswith(composed)}
    assert unused == set()
    used = set(re.findall(r"strings\.(\w+)", SCRIPTS))
    assert used <= set(sentences)
    assert not any("!" in sentence for sentence in sentences.values())


def test_modules_stay_small_and_never_parse_html() -> None:
    for path in WIDGET.glob("*.js"):
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name
    parsers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(parsers, SCRIPTS)
