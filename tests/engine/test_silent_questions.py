"""A question that is a draft or off is neither learned nor said."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("rasa")

from rasa.shared.nlu.training_data.message import Message  # noqa: E402

from engine.approval import answers_to_keep_back  # noqa: E402
from engine.topic_classifier import _is_live  # noqa: E402

QUESTION = """nlu:
- intent: ask_tea
  metadata:
    status: source_checked
{state}  examples: |
    - tea
responses:
  utter_ask_tea:
  - text: Yes.
"""


@pytest.mark.parametrize(
    ("state", "is_said"),
    [("", True), ("    state: live\n", True), ("    state: draft\n", False), ("    state: 'off'\n", False)],
)
def test_an_answer_is_kept_back_unless_its_question_is_live(tmp_path: Path, state: str, is_said: bool):
    (tmp_path / "profile.yml").write_text("name: A clinic\n", encoding="utf-8")
    questions = tmp_path / "faq"
    questions.mkdir()
    (questions / "tea.yml").write_text(QUESTION.format(state=state), encoding="utf-8")
    kept_back = answers_to_keep_back(tmp_path / "profile.yml", questions)
    assert kept_back == (set() if is_said else {"utter_ask_tea"})


@pytest.mark.parametrize(
    ("state", "is_learned"), [(None, True), ("live", True), ("draft", False), ("off", False)]
)
def test_only_wordings_of_live_questions_are_learned(state, is_learned: bool):
    record = {"title": "Tea?"} if state is None else {"title": "Tea?", "state": state}
    assert _is_live(Message(data={"text": "tea", "metadata": {"intent": record}})) is is_learned
