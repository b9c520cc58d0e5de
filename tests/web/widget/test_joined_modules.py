"""Joining and shrinking the widget's files changes their size and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from web.widget.joined_modules import ModulesClash, join_modules
from web.widget.shrinking import shorten_private_names, shrink


def write(folder: Path, **files: str) -> Path:
    """Write modules `a="…"` as a.js; returns the folder."""
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text, "utf-8")
    return folder


def test_imported_code_stands_before_what_needs_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        main='import { two } from "./b.js";\nexport class Main { get() { return two; } }\n',
        b='import { one } from "./c.js";\nexport const two = one + 1;\n',
        c="export const one = 1;\n",
    )
    joined = join_modules(tmp_path / "main.js")
    assert joined.index("one=1") < joined.index("two=one+1") < joined.index("class Main")
    assert joined.count("export") == 1
    assert "import" not in joined


def test_two_meanings_of_one_name_are_refused(tmp_path: Path) -> None:
    write(
        tmp_path,
        main='import { one } from "./b.js";\nconst KEY = one;\n',
        b="const KEY = 1;\nexport const one = KEY;\n",
    )
    with pytest.raises(ModulesClash, match="KEY"):
        join_modules(tmp_path / "main.js")


def test_an_import_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path, main='import { one } from "./gone.js";\n')
    with pytest.raises(FileNotFoundError):
        join_modules(tmp_path / "main.js")


def test_styles_and_sentences_become_constants_in_the_language_asked_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        main='import STYLES from "./main.css" with { type: "text" };\n'
        'import WORDS from "./strings/en.json" with { type: "json" };\nexport { STYLES, WORDS };\n',
    )
    (tmp_path / "main.css").write_text('/* red */\n.a { color: #abcdef; content: "#abc" }\n', "utf-8")
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings/en.json").write_text('{"hello": "Hello"}', "utf-8")
    (tmp_path / "strings/es.json").write_text('{"hello": "Hola #uno"}', "utf-8")
    joined = join_modules(tmp_path / "main.js", "es")
    assert 'const WORDS = {"hello":"Hola #uno"};' in joined
    styles = json.loads(joined.split("const STYLES = ")[1].split(";\n")[0])
    assert styles == '.a{color:#abcdef;content:"#abc"}'


def test_a_private_name_is_short_and_the_same_everywhere() -> None:
    script = "class A{#count=0;#name;add(){this.#count+=1;return #name in this}}"
    assert shorten_private_names(script) == "class A{#a=0;#b;add(){this.#a+=1;return #b in this}}"


def test_more_private_names_than_letters_stay_different() -> None:
    names = [f"name{number}x" for number in range(200)]
    short = shorten_private_names(" ".join(f"#{name}" for name in names)).split()
    assert len(set(short)) == 200


@pytest.mark.parametrize(
    ("text", "suffix", "small"),
    [
        ("// why\nconst a = 'http://x'; // no\n", ".js", "const a='http://x';"),
        ("/* why */\n.a  { margin : 0 }\n", ".css", ".a{margin:0}"),
        ('{\n  "a": "ü  ü"\n}', ".json", '{"a":"ü  ü"}'),
        ("<svg  />", ".svg", "<svg  />"),
    ],
)
def test_only_comments_and_blanks_go(text: str, suffix: str, small: str) -> None:
    assert shrink(text, suffix) == small
