from __future__ import annotations

import re
from pathlib import Path

import pytest

from clinic.profile import Profile, ProfileInvalid, load_profile

SHIPPED = Path(__file__).parents[2] / "clinic" / "profile.yml"
FACTS = """
phone urgent_line email address parking hours holidays booking_url portal_url reply_time price_initial
price_followup payment_methods insurers medicare_accepted accident_billing referral_required providers
needle_policy conditions first_visit first_visit_length course_policy prep min_age pregnancy_policy
electroacupuncture_offered dry_needling_offered cupping_offered languages accessibility_contact privacy_url
notice_of_privacy_practices_url nondiscrimination_url retention consent_text_version
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile.yml"


def test_the_shipped_profile_knows_the_clinics_name_and_what_it_treats() -> None:
    profile = load_profile(SHIPPED)
    assert profile.name == "Oklahoma Pain Treatment Centers"
    assert profile.time_zone == "America/Chicago"
    assert profile.require_clinic_approval is False
    assert len(profile.conditions) == 6
    assert "headache" not in " ".join(profile.conditions)  # not among the clinic's own conditions (fact S08)


def test_the_shipped_profile_invents_nothing() -> None:
    assert set(load_profile(SHIPPED).placeholders()) == {"clinic_name", "clinic_conditions"}


def test_the_shipped_profile_has_every_key_with_a_comment() -> None:
    lines = SHIPPED.read_text().splitlines()
    keys = {}
    for above, line in zip(lines, lines[1:], strict=False):
        if found := re.match(r"([a-z_]+):", line):
            keys[found[1]] = above
    assert (
        set(keys)
        == set(Profile.model_fields)
        == {"name", "time_zone", "require_clinic_approval", "two_person_review"} | set(FACTS.split())
    )
    assert all(above.startswith("# ") for above in keys.values())


def test_it_gives_what_answers_may_fill_in(path: Path) -> None:
    path.write_text(
        """
name: The Clinic
phone: 405-555-0100
email: desk@example.org
booking_url: https://example.org/book
hours: "  Monday to Friday, 8 am to 5 pm "
min_age: 12
medicare_accepted: true
cupping_offered: false
referral_required: "no"
insurers: [Plan A, Plan B, Plan C]
languages: [English]
conditions: [sciatica, muscle spasms]
providers:
- {name: Dr. A, degree: MD, licence: null}
- Dr. B
parking: ""
address:
payment_methods: []
consent_text_version: contact-2026-11
"""
    )
    assert load_profile(path).placeholders() == {
        "clinic_name": "The Clinic",
        "clinic_phone": "405-555-0100",
        "clinic_email": "desk@example.org",
        "clinic_booking_url": "https://example.org/book",
        "clinic_hours": "Monday to Friday, 8 am to 5 pm",
        "clinic_min_age": "12",
        "clinic_medicare_accepted": "yes",
        "clinic_cupping_offered": "no",
        "clinic_referral_required": "no",
        "clinic_insurers": "Plan A, Plan B and Plan C",
        "clinic_languages": "English",
        "clinic_conditions": "sciatica and muscle spasms",
        "clinic_providers": "Dr. A, MD; Dr. B",
    }


def test_it_needs_a_name_and_nothing_else(path: Path) -> None:
    path.write_text("name: The Clinic")
    profile = load_profile(path)
    assert profile.placeholders() == {"clinic_name": "The Clinic"}
    assert (profile.phone, profile.conditions, profile.time_zone) == (None, [], "America/Chicago")


def test_it_names_every_placeholder_that_can_be_used() -> None:
    names = Profile.placeholder_names()
    assert names == {f"clinic_{key}" for key in FACTS.split()} - {"clinic_consent_text_version"} | {
        "clinic_name"
    }


def test_it_cannot_be_changed_after_it_was_read(path: Path) -> None:
    path.write_text("name: The Clinic")
    profile = load_profile(path)
    with pytest.raises(ValueError, match="frozen"):
        profile.phone = "405-555-0100"


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("phon: 405-555-0100", "phon"),
        ("phone: 555", "phone"),
        ("urgent_line: call us", "urgent_line"),
        ("email: desk at example", "email"),
        ("booking_url: example.org/book", "booking_url"),
        ("privacy_url: 'javascript:alert(1)'", "privacy_url"),
        ("time_zone: America/Belle_Isle", "time_zone"),
        ("time_zone: ../etc", "time_zone"),
        ("require_clinic_approval: perhaps", "require_clinic_approval"),
        ("conditions: sciatica", "conditions"),
        ("conditions: ['']", "conditions.0"),
        ("name: Another", "name"),
        ("hours: !!python/object:os.system []", "hours"),
    ],
)
def test_it_says_which_key_is_wrong(path: Path, wrong: str, key: str) -> None:
    path.write_text("name: The Clinic")
    load_profile(path)
    path.write_text(f"name: The Clinic\n{wrong}\n")
    with pytest.raises(ProfileInvalid, match=key):
        load_profile(path)


@pytest.mark.parametrize(
    "content", [b"", b"- a list", b"name: [", b"name: \xff\xfe", b"name: ''", b"phone: null"]
)
def test_it_refuses_a_file_that_is_no_profile(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ProfileInvalid, match="profile.yml"):
        load_profile(path)


def test_it_says_that_there_is_no_file(path: Path) -> None:
    with pytest.raises(ProfileInvalid, match="cannot be read"):
        load_profile(path)
