"""Which variant of an approved answer is used."""

from __future__ import annotations

import pytest

pytest.importorskip("rasa")

from engine.answers import choose_variant, clinic_facts  # noqa: E402

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
