"""spaCy recognises conditions, body areas and names."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

pytest.importorskip("spacy")
pytest.importorskip("rasa")

from engine.clinic_entities import find_entities, load_language  # noqa: E402


@pytest.fixture(scope="session")
def language():
    return load_language(Path("engine/clinic_words.yml"))


def found(language, text: str) -> set:
    return {(entity["entity"], entity["value"]) for entity in find_entities(language, text)}


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("I have had siatica for a year", "condition", "sciatica"),
        ("a slipped disc at L5", "condition", "herniated disc"),
        ("whiplash from a wreck", "condition", "whiplash"),
        ("my lower back aches", "body_area", "lower back"),
        ("stiff NECK every morning", "body_area", "neck"),
        ("My name is Maria Lopez", "person", "Maria Lopez"),
        ("Maria Lopez, 405 555 0134", "person", "Maria Lopez"),
        ("this is Tom Hall about my neck", "body_area", "neck"),
    ],
)
def test_it_recognises(language, text, entity, value):
    entities = found(language, text)
    assert any(kind == entity and value in shown for kind, shown in entities), entities


def test_an_entity_says_where_it_stands(language):
    text = "does it help sciatica"
    entity = find_entities(language, text)[0]
    assert text[entity["start"] : entity["end"]] == "sciatica"


def test_names_are_looked_for_only_where_one_may_be_given(language):
    looked_at = []
    part = language.get_pipe("ner")
    with patch.object(language, "_components", [*language._components]):
        place = language.component_names.index("ner")
        language._components[place] = (
            "ner",
            lambda document: looked_at.append(document.text) or part(document),
        )
        for text in ("does it hurt", "is it ok for sciatica", "I'm Maria Lopez", "405 555 0134 Maria Lopez"):
            find_entities(language, text)
    assert looked_at == ["I'm Maria Lopez", "405 555 0134 Maria Lopez"]


def test_an_ordinary_question_has_no_entities(language):
    assert found(language, "is it safe") == set()
