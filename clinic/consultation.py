"""What a visitor's message means while the consultation request is being filled in.

Plain rules, no framework: the action server asks `read_message` what was given, what was unclear, or
whether the visitor did something else (asked a question, wants to stop).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from clinic.contact import ContactUnclear, read_contact, read_name
from clinic.lead_topics import find_topic
from clinic.summary_reply import detail_to_change, only_a_time, wants_sending

Detail = Literal["name", "contact", "time", "topic", "consent", "confirm"]
TIME_AT_MOST = 100

_INTRODUCTION = re.compile(
    r"\b(?:my name is|my name's|name's|name is|name:|i am|i'm|im|this is|it's|call me)\s+"
    r"((?:[^\W\d_][\w'’.-]*\s?){1,4})",
    re.IGNORECASE,
)
_TIME_WORDS = re.compile(
    r"\b(?:(?:early |late )?(?:mornings?|afternoons?|evenings?|noon|lunch ?time)|weekdays?|weekends?|"
    r"any ?time|whenever|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|tomorrow|today|tonight|asap|"
    r"next week|this week|(?:after|before|around|between|at|by) \d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)?"
    r"(?: (?:and|to|-) \d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)?)?|\d{1,2}(?::\d\d)? ?[ap]\.?m\.?)(?!\w)",
    re.IGNORECASE,
)
_LOOKS_LIKE_CONTACT = re.compile(r"@|\d(?:[\s().-]*\d){3,}")
_QUESTION = re.compile(
    r"\?|^\s*(?:what|how|why|when|where|who|which|is|are|do|does|did|can|could|will|would|should)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heard:
    """One message, with what the engine made of it.

    decision: answer | clarify | fallback | dialogue | urgent; person: the name spaCy saw, if any;
    chosen: values of a pressed button, None for typed text.
    """

    text: str
    intent: str
    decision: str
    person: str | None = None
    chosen: dict[str, str] | None = None


@dataclass(frozen=True)
class Reading:
    """What the message gave.

    details: name, phone, email, time, topic as stored; consent, confirm as "yes".
    problem: code of what was unclear or is still needed (a response `utter_problem_<code>`).
    change: the detail the visitor wants to give again.
    is_interruption: the message is not for the form; it must be answered by the rules.
    """

    details: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    change: str | None = None
    is_interruption: bool = False


_NOT_UNDERSTOOD = {
    "name": "name_missing",
    "contact": "contact_not_understood",
    "time": "time_not_understood",
    "topic": "topic_not_understood",
    "consent": "yes_or_no",
    "confirm": "confirm_or_change",
}
INTERRUPTION = Reading(is_interruption=True)
_STOPS = ("cancel_request", "ask_talk_to_human", "report_emergency", "report_crisis", "report_same_day")


def read_message(heard: Heard, asked_for: Detail | None) -> Reading:
    """Read one message; `asked_for` is the detail the visitor was asked for last, None at the start."""
    if heard.decision == "urgent" or heard.intent in _STOPS:
        return INTERRUPTION
    if heard.chosen is not None:
        return _read_button(heard, asked_for)
    if asked_for == "confirm" and (reading := _read_reply_to_summary(heard)):
        return reading
    if asked_for in ("consent", "confirm") and heard.intent in ("affirm", "deny"):
        return _read_yes_or_no(heard.intent, asked_for)
    try:
        details = _find_details(heard, asked_for)
    except ContactUnclear as unclear:
        return Reading(problem=unclear.code)
    if details or asked_for is None:
        return Reading(details=details)
    if heard.intent == "change_detail" and (detail := detail_to_change(heard.text)):
        return Reading(change=detail)
    if heard.decision == "dialogue":
        return _read_dialogue(heard.intent, asked_for)
    return _read_what_was_asked(heard, asked_for)


def _read_reply_to_summary(heard: Heard) -> Reading | None:
    text = heard.text
    if _LOOKS_LIKE_CONTACT.search(text):
        return None  # a new number or address is read like any other
    if wants_sending(text):
        return Reading(details={"confirm": "yes"})
    times = _TIME_WORDS.findall(text)
    if only_a_time(text, times):
        return Reading(details={"time": ", ".join(times)})
    if heard.decision != "answer" and (detail := detail_to_change(text)):
        return Reading(change=detail)
    return None


def _read_dialogue(intent: str, asked_for: Detail) -> Reading:
    """Understood, but no detail in it: a yes where none was asked for, a greeting, "let us go on"."""
    problems = {
        "affirm": _NOT_UNDERSTOOD[asked_for],
        "deny": _NOT_UNDERSTOOD[asked_for],
        "give_details": _NOT_UNDERSTOOD[asked_for],
        "change_detail": "what_to_change" if asked_for == "confirm" else "still_open",
        "ask_booking": "still_open",
        "resume_request": "still_open",
    }
    return Reading(problem=problems[intent]) if intent in problems else INTERRUPTION


def _read_button(heard: Heard, asked_for: Detail | None) -> Reading:
    chosen = heard.chosen or {}
    if heard.intent in ("choose_topic", "give_details"):
        return Reading(details={key: chosen[key] for key in ("topic", "time") if key in chosen})
    if heard.intent == "change_detail" and "detail" in chosen:
        return Reading(change=chosen["detail"])
    if asked_for in ("consent", "confirm") and heard.intent in ("affirm", "deny"):
        return _read_yes_or_no(heard.intent, asked_for)
    if heard.intent in ("ask_booking", "resume_request"):
        return Reading(problem="still_open") if asked_for else Reading()
    return INTERRUPTION


def _read_yes_or_no(intent: str, asked_for: Detail) -> Reading:
    if intent == "affirm":
        return Reading(details={asked_for: "yes"})
    return Reading(problem="consent_needed" if asked_for == "consent" else "what_to_change")


def _find_details(heard: Heard, asked_for: Detail | None) -> dict[str, str]:
    """Everything recognisable in the message, whatever was asked; raises ContactUnclear."""
    details: dict[str, str] = {}
    rest = heard.text
    if _LOOKS_LIKE_CONTACT.search(heard.text):
        contact = read_contact(heard.text)
        details.update({k: v for k, v in (("phone", contact.phone), ("email", contact.email)) if v})
    if name := _introduced_name(heard, alone=not details):
        details["name"] = name
    if details or asked_for == "time":
        rest = re.sub(r"\S+@\S+|\+?\d[\d\s().-]{6,}\d", " ", rest)
        if time := _TIME_WORDS.findall(rest):
            details["time"] = heard.text[:TIME_AT_MOST] if asked_for == "time" else ", ".join(time)
    return details


def _introduced_name(heard: Heard, alone: bool) -> str | None:
    """A name said with "my name is …", or, beside a phone or e-mail, one that spaCy recognised."""
    found = _INTRODUCTION.search(heard.text)
    if found and (not alone or heard.person or heard.decision != "answer"):
        words = re.split(r"[,;.]|\band\b|\bat\b|\bmy\b|\bwith\b", found.group(1))[0]
        if heard.person and heard.person.lower() in heard.text.lower():
            words = heard.person
        if words.strip() and words.split()[0].lower() not in _NOT_NAMES:
            return _name_or_none(words)
    if not alone and heard.person:
        return _name_or_none(heard.person)
    if not alone and (leading := re.match(r"\s*([^\W\d_][^\d@,;:]{1,60}?)\s*[,;:\-–]", heard.text)):
        return _name_or_none(leading.group(1)) if len(leading.group(1).split()) <= 4 else None
    return None


_NOT_NAMES = frozenset(
    "in a an the not having so very really just still looking interested afraid scared nervous worried "
    "pregnant on from here sure ok okay fine good free available calling trying going new sorry".split()
)
_NO_NAME_EITHER = frozenset(
    "no nope nah yes yeah yep k what why huh hello hi hey thanks none nothing idk".split()
)


def _name_or_none(text: str) -> str | None:
    try:
        return read_name(text)
    except ContactUnclear:
        return None


def _read_what_was_asked(heard: Heard, asked_for: Detail) -> Reading:
    is_question = heard.decision == "answer" or bool(_QUESTION.search(heard.text))
    if asked_for == "topic" and (topic := find_topic(heard.text)) and "?" not in heard.text:
        return Reading(details={"topic": topic})
    if asked_for == "name" and heard.person and heard.person.lower() == heard.text.strip(" .").lower():
        return Reading(details={"name": read_name(heard.person)})
    if asked_for == "time" and heard.decision != "answer" and "?" not in heard.text:
        return Reading(details={"time": heard.text.strip()[:TIME_AT_MOST]})  # "when my kids are at school"
    if is_question:
        return INTERRUPTION
    if asked_for == "name":
        return _read_name_alone(heard.text)
    return Reading(problem=_NOT_UNDERSTOOD[asked_for])


def _read_name_alone(text: str) -> Reading:
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    if words and words <= _NOT_NAMES | _NO_NAME_EITHER:
        return Reading(problem="name_missing")
    try:
        return Reading(details={"name": read_name(text)})
    except ContactUnclear as unclear:
        return Reading(problem=unclear.code)
