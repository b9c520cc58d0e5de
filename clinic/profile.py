"""The clinic's own facts, read from `profile.yml`. What is not set stays unknown: nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from clinic.contact import read_email, read_phone

_NOT_FOR_ANSWERS = {"time_zone", "require_clinic_approval", "two_person_review", "consent_text_version"}


class ProfileInvalid(Exception):
    """The profile cannot be read, or has a key or value that is not allowed; the message names the key."""


def _as_words(value: object) -> object:
    """Write out YAML's yes and no, numbers and lists: every fact is shown as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _join([str(_as_words(entry)) for entry in value]) or None
    if isinstance(value, dict):  # one entry of a list, as in {name: …, degree: …}
        return ", ".join(str(_as_words(part)) for part in value.values() if part is not None)
    if isinstance(value, int | float):
        return str(value)
    return None if isinstance(value, str) and not value.strip() else value


def _join(words: list[str]) -> str:
    if any("," in word for word in words):
        return "; ".join(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone such as America/Chicago") from error
    return name


def _check_phone(text: str) -> str:
    read_phone(text)
    return text


def _check_email(text: str) -> str:
    read_email(text)
    return text


def _check_link(text: str) -> str:
    TypeAdapter(HttpUrl).validate_python(text)
    return text


_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Written = BeforeValidator(_as_words)
Fact = Annotated[_Words | None, _Written]
Phone = Annotated[Annotated[_Words, AfterValidator(_check_phone)] | None, _Written]
Email = Annotated[Annotated[_Words, AfterValidator(_check_email)] | None, _Written]
Link = Annotated[Annotated[_Words, AfterValidator(_check_link)] | None, _Written]


class Profile(BaseModel):
    """One clinic; `None` is "not known". What each key means stands in `profile.yml`, as text to read out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Words
    time_zone: Annotated[str, AfterValidator(_check_time_zone)] = "America/Chicago"
    require_clinic_approval: bool = False
    two_person_review: bool = True
    conditions: list[_Words] = []

    phone: Phone = None
    urgent_line: Phone = None
    email: Email = None
    address: Fact = None
    parking: Fact = None
    hours: Fact = None
    holidays: Fact = None
    reply_time: Fact = None
    booking_url: Link = None
    portal_url: Link = None
    price_initial: Fact = None
    price_followup: Fact = None
    payment_methods: Fact = None
    insurers: Fact = None
    medicare_accepted: Fact = None
    accident_billing: Fact = None
    referral_required: Fact = None
    providers: Fact = None
    needle_policy: Fact = None
    first_visit: Fact = None
    first_visit_length: Fact = None
    course_policy: Fact = None
    prep: Fact = None
    min_age: Fact = None
    pregnancy_policy: Fact = None
    electroacupuncture_offered: Fact = None
    dry_needling_offered: Fact = None
    cupping_offered: Fact = None
    languages: Fact = None
    accessibility_contact: Fact = None
    privacy_url: Link = None
    notice_of_privacy_practices_url: Link = None
    nondiscrimination_url: Link = None
    retention: Fact = None
    consent_text_version: Fact = None

    def placeholders(self) -> dict[str, str]:
        """Return what answers may fill in, by name (`clinic_phone` for `phone`): only facts that are set."""
        facts: dict[str, str | None] = self.model_dump(exclude=_NOT_FOR_ANSWERS | {"conditions"})
        facts["conditions"] = _join(self.conditions) or None
        return {f"clinic_{key}": value for key, value in facts.items() if value is not None}

    @classmethod
    def placeholder_names(cls) -> frozenset[str]:
        """Return every name that answers may use, set or not; any other name is a typing mistake."""
        return frozenset(f"clinic_{key}" for key in cls.model_fields if key not in _NOT_FOR_ANSWERS)


def load_profile(path: Path) -> Profile:
    """Return the profile in the YAML file `path`. Raises `ProfileInvalid`, which names the key."""
    try:
        values = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ProfileInvalid(f"{path} cannot be read: {error}") from error
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        raise ProfileInvalid(f"{path}: {_describe(error)}") from error


def _describe(error: ValidationError) -> str:
    problems = (
        (".".join(str(part) for part in problem["loc"]) or "the file", problem["msg"])
        for problem in error.errors(include_url=False)
    )
    return "; ".join(f"{key}: {message}" for key, message in problems)
