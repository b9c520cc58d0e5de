"""The urgent replies say what the red-flag table asks for, in its order, and nothing that sells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from engine.urgent import PATTERNS_PATH

DATA = Path(__file__).parents[2] / "data"
LONGEST_REPLY_IN_WORDS = 90
NUMBERS_ALLOWED = {"911", "988", "838255", "1-800-662-4357", "1", "2"}
SELLING = re.compile(
    r"\b(book|booking|appointment|consultation|price|offer|session|relief|treatment plan|schedule)\b",
    re.I,
)
DIAGNOSING = re.compile(r"\b(you have|you are having|this is a|sounds like)\b", re.I)
CALL_911 = "[Call 911](tel:911)"
CALL_988 = "[Call 988](tel:988)"
TEXT_988 = "[Text 988](sms:988)"

EMERGENCY_ORDER = [
    "Call 911",
    "have someone near you call",
    "an emergency",
    "automated assistant",
    "Do not wait",
]
CRISIS_ORDER = [
    "call or text 988",
    CALL_988,
    TEXT_988,
    "988lifeline.org",
    "free",
    "Veterans",
    "838255",
    "Spanish",
]
SAME_DAY_ORDER = ["contact", "today", CALL_911, "gets worse", "not watched for emergencies", "prescribed it"]


def read(path: str) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load((DATA / path).read_text("utf-8"))


def variants_of(level: str) -> list[Any]:
    variants = read(f"safety/{level}.yml")["responses"][f"utter_{level}"]
    return [
        pytest.param(variant, id=f"{level}-{_name(variant)}-{place}")
        for place, variant in enumerate(variants)
    ]


def _name(variant: dict[str, Any]) -> str:
    return str(variant["metadata"].get("category", "general"))


EMERGENCY, CRISIS, SAME_DAY = (variants_of(level) for level in ("emergency", "crisis", "same_day"))
ALL = EMERGENCY + CRISIS + SAME_DAY


def assert_in_order(text: str, parts: list[str]) -> None:
    places = [text.find(part) for part in parts]
    assert -1 not in places, f"missing: {parts[places.index(-1)]}"
    assert places == sorted(places)


@pytest.mark.parametrize("variant", EMERGENCY)
def test_an_emergency_reply_says_911_in_its_first_sentence(variant: dict[str, Any]) -> None:
    assert CALL_911 in re.split(r"(?<=[.?])\s", variant["text"])[0]


@pytest.mark.parametrize("variant", EMERGENCY)
def test_an_emergency_reply_keeps_the_order_of_its_elements(variant: dict[str, Any]) -> None:
    assert_in_order(variant["text"], [*EMERGENCY_ORDER, "stay with them"])


@pytest.mark.parametrize("variant", EMERGENCY)
def test_an_emergency_reply_says_not_to_drive_unless_driving_may_be_the_way_out(
    variant: dict[str, Any],
) -> None:
    assert ("do not drive yourself" in variant["text"]) == (_name(variant) != "abuse")


@pytest.mark.parametrize(
    ("category", "addition"),
    [
        ("cauda_equina", "take you to the nearest emergency room"),
        ("breathing_after_needles", "acupuncture or the injection: when it was, and where"),
        ("overdose", "naloxone"),
        ("allergy", "epinephrine auto-injector"),
        ("bleeding", "press on it firmly"),
        ("pregnancy", "Tell the 911 crew about the pregnancy"),
        ("self_harm", CALL_988),
    ],
)
def test_an_emergency_reply_adds_what_its_category_needs(category: str, addition: str) -> None:
    texts = [param.values[0]["text"] for param in EMERGENCY if _name(param.values[0]) == category]
    assert [addition in text for text in texts] == [True]


@pytest.mark.parametrize("variant", CRISIS)
def test_a_crisis_reply_keeps_the_order_of_its_elements_and_names_911(variant: dict[str, Any]) -> None:
    assert_in_order(variant["text"], [*CRISIS_ORDER, CALL_911])


@pytest.mark.parametrize("variant", SAME_DAY)
def test_a_same_day_reply_keeps_the_order_of_its_elements(variant: dict[str, Any]) -> None:
    assert_in_order(variant["text"], SAME_DAY_ORDER)


def test_a_withdrawal_reply_names_the_prescriber_and_the_helpline() -> None:
    text = next(param.values[0]["text"] for param in SAME_DAY if _name(param.values[0]) == "withdrawal")
    assert_in_order(text, ["contact the doctor who prescribed", "today", "1-800-662-4357"])


@pytest.mark.parametrize("variant", ALL)
def test_an_urgent_reply_sells_nothing_and_names_no_diagnosis(variant: dict[str, Any]) -> None:
    assert "buttons" not in variant
    assert SELLING.search(variant["text"]) is None
    assert DIAGNOSING.search(variant["text"]) is None
    assert "!" not in variant["text"]


@pytest.mark.parametrize("variant", ALL)
def test_an_urgent_reply_is_short(variant: dict[str, Any]) -> None:
    visible = re.sub(r"\]\([^)]*\)", "", variant["text"])
    assert len(visible.split()) <= LONGEST_REPLY_IN_WORDS


@pytest.mark.parametrize("variant", ALL)
def test_an_urgent_reply_holds_no_number_but_the_allowed_ones(variant: dict[str, Any]) -> None:
    visible = re.sub(r"\]\([^)]*\)|988lifeline\.org", "", variant["text"])
    assert set(re.findall(r"\d[\d-]*", visible)) <= NUMBERS_ALLOWED


@pytest.mark.parametrize("level", ["emergency", "crisis", "same_day"])
def test_each_level_has_a_general_reply_that_needs_no_fact_of_the_clinic(level: str) -> None:
    plain = [param.values[0] for param in variants_of(level) if set(param.values[0]["metadata"]) == {"kind"}]
    assert [variant["metadata"]["kind"] for variant in plain] == ["urgent"]


@pytest.mark.parametrize("variant", ALL)
def test_a_reply_for_a_category_is_for_one_the_patterns_know(variant: dict[str, Any]) -> None:
    signs = YAML(typ="safe", pure=True).load(PATTERNS_PATH.read_text("utf-8"))["signs"]
    assert _name(variant) in {"general"} | {sign["category"] for sign in signs}


@pytest.mark.parametrize("level", ["emergency", "crisis", "same_day"])
def test_an_urgent_reply_pauses_a_consultation_request(level: str) -> None:
    steps = read(f"safety/{level}.yml")["rules"][0]["steps"]
    assert steps[1:] == [
        {"action": f"utter_{level}"},
        {"action": "action_pause_consultation"},
        {"active_loop": None},
    ]


def test_the_welcome_says_what_it_is_and_where_to_go_in_an_emergency() -> None:
    welcome = read("smalltalk/welcome.yml")["responses"]["utter_welcome"][0]
    assert_in_order(
        welcome["text"],
        [
            "automated assistant",
            "not a clinician",
            "general information",
            "not for emergencies",
            CALL_911,
            CALL_988,
        ],
    )
    assert len(welcome["buttons"]) == 4
