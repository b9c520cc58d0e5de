"""Which variant of an approved answer is used."""

from __future__ import annotations

import pytest

pytest.importorskip("rasa")

from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402

from engine.answers import ReviewedAnswers, choose_variant, clinic_facts  # noqa: E402
from engine.approval import NOT_APPROVED, answers_to_keep_back  # noqa: E402

WITH_PHONE = {"text": "Call {clinic_phone}.", "metadata": {"needs": ["clinic_phone"]}}
HONEST = {"text": "The team will tell you.", "metadata": {}}
HEART = {"text": "heart", "metadata": {"category": "heart"}}


def test_a_variant_that_needs_a_fact_is_used_only_when_the_fact_is_set():
    assert choose_variant([WITH_PHONE, HONEST], {"clinic_phone"}, "") is WITH_PHONE
    assert choose_variant([WITH_PHONE, HONEST], set(), "") is HONEST


def test_a_variant_for_this_emergency_goes_before_the_general_one():
    assert choose_variant([HONEST, HEART], set(), "heart") is HEART
    assert choose_variant([HEART, HONEST], set(), "stroke") is HONEST


def test_no_fitting_variant_means_no_answer_rather_than_a_hole_in_the_text():
    assert choose_variant([WITH_PHONE], set(), "") is None


def test_only_set_facts_become_placeholders(tmp_path):
    (tmp_path / "profile.yml").write_text(
        "name: A\nphone:\nmin_age: 12\nconditions: [neck, back]\nmedicare_accepted: yes\n"
    )
    facts = clinic_facts(tmp_path / "profile.yml")
    assert facts["clinic_name"] == "A"
    assert facts["clinic_min_age"] == "12"
    assert facts["clinic_conditions"] == "neck, back"
    assert facts["clinic_medicare_accepted"] == "yes"
    assert "clinic_phone" not in facts


SCIATICA = {"text": "for sciatica", "metadata": {"about": "sciatica"}}


def test_a_variant_for_what_hurts_is_used_only_when_the_visitor_said_so():
    assert choose_variant([HONEST, SCIATICA], set(), complaint="sciatica") is SCIATICA
    assert choose_variant([SCIATICA, HONEST], set(), complaint="neck") is HONEST
    assert choose_variant([SCIATICA, HONEST], set()) is HONEST


def write_question(folder, name, status):
    (folder / f"{name}.yml").write_text(
        f"nlu:\n- intent: ask_{name}\n  metadata: {{status: {status}}}\n"
        f"responses:\n  utter_ask_{name}:\n  - text: An answer.\n"
    )


def test_an_answer_without_approval_is_kept_back_only_when_the_profile_asks_for_approval(tmp_path):
    questions = tmp_path / "faq"
    questions.mkdir()
    write_question(questions, "cost", "source_checked")
    write_question(questions, "safety", "clinic_approved")
    profile = tmp_path / "profile.yml"
    profile.write_text("name: A\nrequire_clinic_approval: true\n")
    assert answers_to_keep_back(profile, questions) == {"utter_ask_cost"}
    profile.write_text("name: A\nrequire_clinic_approval: false\n")
    assert answers_to_keep_back(profile, questions) == set()


async def test_the_visitor_is_told_that_there_is_no_approved_answer_yet(tmp_path):
    questions = tmp_path / "faq"
    questions.mkdir()
    write_question(questions, "cost", "source_checked")
    profile = tmp_path / "profile.yml"
    profile.write_text("name: A\nrequire_clinic_approval: true\n")
    answers = ReviewedAnswers(EndpointConfig(profile=str(profile), questions=str(questions)), None)
    answers.responses = {"utter_ask_cost": [{"text": "An answer."}], NOT_APPROVED: [{"text": "Not yet."}]}
    tracker = DialogueStateTracker.from_events("visitor", [])
    said = await answers.generate("utter_ask_cost", tracker, "gateway")
    assert said["text"] == "Not yet."
