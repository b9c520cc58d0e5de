"""What an account is: a person of the clinic, as far as others may know."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.storage import tables

ROLES = ("admin", "staff", "viewer", "content")


@dataclass(frozen=True)
class Account:
    """A person of the clinic. `email` is empty until the invitation is accepted."""

    id: str
    name: str
    email: str | None
    role: str
    is_disabled: bool


def to_account(person: tables.StaffMember) -> Account:
    """Return the account in a row of the table."""
    return Account(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        is_disabled=person.disabled_at is not None,
    )
