"""What was typed into the contact form, and whether it can be used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sanic import Request

from clinic.contact import ContactUnclear, read_email, read_name, read_phone
from clinic.leads import TOPICS

LONGEST_KEPT = 300  # characters of a field that are shown again; nothing usable is longer
LONGEST_TIME = 100
NO_TOPIC = "rather_not_say"


@dataclass(frozen=True)
class Entered:
    """The form as it was typed; `trap` is the field that people do not see."""

    name: str = ""
    phone: str = ""
    email: str = ""
    preferred_time: str = ""
    topic: str = ""
    consent: str = ""
    trap: str = ""
    form_id: str = ""


@dataclass
class Checked:
    """What can be used, and the code of the problem for each field that cannot."""

    name: str = ""
    phone: str | None = None
    email: str | None = None
    preferred_time: str = ""
    topic: str = NO_TOPIC
    problems: dict[str, str] = field(default_factory=dict)


def read_entered(request: Request) -> Entered:
    """Return the submitted fields, cut to a length worth showing again."""
    form: Mapping[str, str | None] = request.get_form() or {}

    def read(name: str, longest: int = LONGEST_KEPT) -> str:
        return str(form.get(name) or "").strip()[:longest]

    return Entered(
        name=read("name"),
        phone=read("phone"),
        email=read("email"),
        preferred_time=read("preferred_time"),
        topic=read("topic"),
        consent=read("consent"),
        trap=read("website"),
        form_id=read("form_id", 1000),
    )


def check(entered: Entered) -> Checked:
    """Return what can be used of `entered`; problem codes are ContactUnclear's and the page words'."""
    checked = Checked()
    checked.name = _read(entered.name, read_name, "name", checked.problems)
    checked.phone = _read(entered.phone, read_phone, "phone", checked.problems) if entered.phone else None
    checked.email = _read(entered.email, read_email, "email", checked.problems) if entered.email else None
    if not entered.phone and not entered.email:
        checked.problems["reach"] = "contact_missing"
    checked.preferred_time = entered.preferred_time
    if len(entered.preferred_time) > LONGEST_TIME:
        checked.problems["preferred_time"] = "time_too_long"
    checked.topic = entered.topic or NO_TOPIC
    if checked.topic not in TOPICS:
        checked.problems["topic"] = "topic_not_valid"
    if entered.consent != "yes":
        checked.problems["consent"] = "consent_missing"
    return checked


def _read(text: str, reader: Callable[[str], str], name: str, problems: dict[str, str]) -> str:
    try:
        return reader(text)
    except ContactUnclear as unclear:
        problems[name] = unclear.code
        return ""
