"""A long story or several questions: which sentences count."""

from __future__ import annotations

from engine.questions import split_questions


def test_one_question_is_understood_whole():
    assert split_questions("does it hurt?") == []
    assert split_questions("my back hurts. it is bad") == []


def test_each_of_several_questions_counts():
    assert split_questions("does it hurt? how much is it? do you take medicare?") == [
        "does it hurt?",
        "how much is it?",
        "do you take medicare?",
    ]


def test_a_second_question_without_a_mark_counts():
    assert split_questions("is it safe? also how long does it take") == [
        "is it safe?",
        "also how long does it take",
    ]


def test_the_question_after_a_story_counts():
    story = "i hurt my back last spring lifting a couch. i tried heat and rest. does it help?"
    assert split_questions(story) == ["does it help?"]


def test_a_long_story_without_a_question_mark_counts_by_its_last_sentence():
    story = (
        "i hurt my back last spring lifting a couch and it never went away. " * 2 + "what would you do here"
    )
    assert split_questions(story) == ["what would you do here"]
