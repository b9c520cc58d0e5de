"""spaCy recognises conditions, body areas, names, dates and times."""

from __future__ import annotations

from pathlib import Path

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
        ("call me next Tuesday", "date", "next Tuesday"),
        ("around 3 pm is good", "time", "3 pm"),
    ],
)
def test_it_recognises(language, text, entity, value):
    entities = found(language, text)
    assert any(kind == entity and value in shown for kind, shown in entities), entities


def test_an_entity_says_where_it_stands(language):
    text = "does it help sciatica"
    entity = find_entities(language, text)[0]
    assert text[entity["start"] : entity["end"]] == "sciatica"


def test_an_ordinary_question_has_no_entities(language):
    assert found(language, "is it safe") == set()
