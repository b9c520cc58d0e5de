"""The clinic's own facts, from clinic/profile.yml. Unset means unset: nothing here invents a value."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


class ProfileInvalid(Exception):
    """The profile file is missing, not YAML, or has a key or value that is not allowed; the message names it."""


def _as_words(value: object) -> object:
    """Everything is shown as text: YAML's yes/no, numbers and lists are written out."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value) or None
    return str(value) if isinstance(value, int | float) else (value or None)


Fact = Annotated[str | None, BeforeValidator(_as_words)]


class Profile(BaseModel):
    """One clinic. Every fact but the name may be unset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    time_zone: str = "America/Chicago"
    require_clinic_approval: bool = False
    conditions: list[str] = []

    phone: Fact = None
    urgent_line: Fact = None
    email: Fact = None
    address: Fact = None
    parking: Fact = None
    hours: Fact = None
    holidays: Fact = None
    reply_time: Fact = None
    booking_url: Fact = None
    portal_url: Fact = None
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
    privacy_url: Fact = None
    notice_of_privacy_practices_url: Fact = None
    nondiscrimination_url: Fact = None
    retention: Fact = None

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name} is not a time zone") from None
        return name

    def placeholders(self) -> dict[str, str]:
        """What answers may name: `clinic_` + key → value, only for facts that are set."""
        facts = {key: value for key, value in self.model_dump().items() if isinstance(value, str)}
        if self.conditions:
            facts["conditions"] = ", ".join(self.conditions)
        return {f"clinic_{key}": value for key, value in facts.items()}


def load_profile(path: Path) -> Profile:
    """Read a profile file; raises ProfileInvalid."""
    try:
        values = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ProfileInvalid(f"{path} cannot be read: {type(error).__name__}") from error
    try:
        return Profile.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ProfileInvalid(f"{path}: {key}: {first['msg']}") from error
