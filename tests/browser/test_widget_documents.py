"""The widget's README names what the source has, and the reverse; every sentence is used."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDGET = ROOT / "web" / "widget"
README = (WIDGET / "README.md").read_text("utf-8")
SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted(WIDGET.glob("*.js")))
STYLES = "\n".join(path.read_text("utf-8") for path in sorted(WIDGET.glob("*.css")))


def kebab(name: str) -> str:
    """The spelling of a data attribute: zIndex, z-index."""
    return re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), name)


def read_section(title: str) -> str:
    """The README's text below one heading."""
    return re.split(r"^## ", README.split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


def read_first_column(title: str) -> set[str]:
    """The code words in the first column of a section's table."""
    rows = re.findall(r"^\| (`[^|]+) \|", read_section(title), flags=re.MULTILINE)
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row)}


def test_the_attributes_are_documented() -> None:
    options = re.search(r"const OPTIONS = \[(.+?)\];", SCRIPTS, re.DOTALL)
    assert options is not None
    names = re.findall(r'"(\w+)"', options[1])
    in_source = {f"data-{kebab(name)}" for name in names}
    assert in_source == set(re.findall(r"`(data-[\w-]+)`", README))
    assert in_source == read_first_column("Attributes")


def test_the_methods_are_documented() -> None:
    loader = (WIDGET / "widget.js").read_text("utf-8")
    members = set(re.findall(r"^  (?:async |get )?([a-z]\w+)\(.*\) \{$", loader, flags=re.MULTILINE))
    called_by_the_browser = {"constructor", "connectedCallback", "disconnectedCallback"}
    documented = {word.partition("(")[0] for word in read_first_column("Methods")}
    assert members - called_by_the_browser == documented


def test_the_events_are_documented() -> None:
    assert set(re.findall(r'tell\("([\w-]+)"\)', SCRIPTS)) == read_first_column("Events")


def test_the_variables_are_documented() -> None:
    assert set(re.findall(r"--acupuncture-chat-[\w-]+", STYLES)) == read_first_column("CSS variables")


def test_the_parts_are_documented() -> None:
    names = re.findall(r'"part", "([\w-]+)"', SCRIPTS)
    names += re.findall(r'create\(\s*["`]\w+\.([^"`]+)["`]', SCRIPTS)
    names += re.findall(r'createButton\(\s*"([^"]+)"', SCRIPTS)
    names += re.findall(r'name\(\w+, "([\w-]+)"\)', SCRIPTS)
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
    composed = ("status_", "failed_", "contact_", "unread_", "characters_", "feedback_up", "feedback_down")
    unused = {key for key in sentences if key not in words and not key.startswith(composed)}
    assert unused == set()
    used = set(re.findall(r"strings\.(\w+)", SCRIPTS))
    assert used <= set(sentences)
    assert not any("!" in sentence for sentence in sentences.values())


LANGUAGES = sorted({path.name.partition(".")[0] for path in (WIDGET / "strings").iterdir()})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ["launcher.json", "json"])
def test_every_language_says_the_same(language: str, ending: str) -> None:
    """The same sentences, with the same numbers, links and marks in each."""
    english = json.loads((WIDGET / "strings" / f"en.{ending}").read_text("utf-8"))
    other = json.loads((WIDGET / "strings" / f"{language}.{ending}").read_text("utf-8"))
    assert list(other) == list(english)
    assert other["language"] == language
    fixed = re.compile(r"\{\w+\}|\]\([^)]+\)|\*\*")
    for key, sentence in english.items():
        assert fixed.findall(other[key]) == fixed.findall(sentence), key


def test_the_hash_sign_is_only_written_for_private_names() -> None:
    """Else shortening the private names could change something else."""
    for script in SCRIPTS.splitlines():
        for before in re.findall(r"(.?)#[a-z]", script):
            assert before in ("", ".", " ", "("), script


NESTED_TEMPLATE = re.compile(r"\$\{[^}`]*`")


def test_no_template_stands_in_another() -> None:
    """What makes the scripts smaller would take the inner one for code."""
    demo = (ROOT / "web" / "demo" / "playground.js").read_text("utf-8")
    assert not NESTED_TEMPLATE.search(SCRIPTS + demo)
    assert NESTED_TEMPLATE.search('`a ${b ? `c d` : ""}`')


def missing_tests(text: str) -> set[str]:
    """The tests that a text names and that do not exist. `::name` stands in the file named before it."""
    missing: set[str] = set()
    source, file = "", ""
    for named, test in re.findall(r"`((?:tests/)?[\w/]*test_\w+\.py)?(?:::(test_\w+))?`", text):
        if named:
            path = ROOT / named if named.startswith("tests/") else ROOT / "tests" / "browser" / named
            file, source = named, path.read_text("utf-8") if path.exists() else ""
        if (named or test) and (not source or (test and f"def {test}(" not in source)):
            missing.add(f"{file}::{test}")
    return missing


def test_the_tests_that_prove_each_feature_exist() -> None:
    document = (ROOT / "docs" / "widget.md").read_text("utf-8")
    assert missing_tests(document) == set()
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| (yes|no|partly) \| [^|]+ \|$", document, flags=re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 51))


def test_a_test_that_does_not_exist_is_noticed() -> None:
    text = "`test_widget_guest.py::test_it_leaves_no_global_behind`, `::test_nothing`, `tests/gone/test_x.py`"
    assert missing_tests(text) == {"test_widget_guest.py::test_nothing", "tests/gone/test_x.py::"}


def test_modules_stay_small_and_never_parse_html() -> None:
    for path in WIDGET.glob("*.js"):
        assert len(path.read_text("utf-8").splitlines()) <= 300, path.name
    parsers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(parsers, SCRIPTS)
