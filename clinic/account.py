"""What an account is: a person of the clinic, as far as others may know."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from clinic.storage import tables

ROLES = ("admin", "staff", "viewer", "content")


class AccountNotFound(Exception):
    """There is no such account."""


@dataclass(frozen=True)
class Account:
    """A person of the clinic. `email` is empty until the invitation is accepted."""

    id: str
    name: str
    email: str | None
    role: str
    is_disabled: bool
    has_second_step: bool = False


def to_account(person: tables.StaffMember) -> Account:
    """Return the account in a row of the table."""
    return Account(
        id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        is_disabled=person.disabled_at is not None,
        has_second_step=person.second_step_since is not None,
    )


def get_person(session: Session, staff_id: str) -> tables.StaffMember:
    """Return the person's row, locked until the transaction ends. Raises `AccountNotFound`."""
    person = session.get(tables.StaffMember, staff_id, with_for_update=True)
    if person is None:
        raise AccountNotFound
    return person
