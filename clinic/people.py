"""Who works at the clinic, as an administrator sees it: roles, access taken away and given back."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.account import ROLES, AccountNotFound, get_person
from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.passwords import Passwords, check_password
from clinic.sign_in_links import stop_links
from clinic.staff_sessions import SignInRefused, end_sessions
from clinic.storage import tables
from clinic.storage.database import Database

__all__ = ["AccountNotFound", "LastAdmin", "People"]


class LastAdmin(Exception):
    """Without this person nobody could look after the accounts any more; nothing was changed."""


class People:
    """Changes accounts. Every method raises `AccountNotFound`, and `StorageUnavailable`.

    `actor` is the staff id of the person who asks for the change; it stands in the audit record.
    """

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now
        self._passwords = Passwords()

    def set_role(self, staff_id: str, role: str, actor: str) -> None:
        """Give a person another role and end all sessions: a session keeps the rights it began with.

        Raises `LastAdmin`, `ValueError` on an unknown role.
        """
        if role not in ROLES:
            raise ValueError(f"not a role: {role!r}")
        with self._database.transaction() as session:
            person = get_person(session, staff_id)
            if role != "admin":
                _keep_an_admin(session, person)
            change = {"from": person.role, "to": role}
            if person.role != role:
                end_sessions(session, person.id, self._now())
            person.role = role
            add_audit(session, self._now(), actor, "role_changed", ("staff", person.id), change)

    def disable(self, staff_id: str, actor: str) -> None:
        """Take away a person's access at once: sessions, links, password. Raises `LastAdmin`."""
        with self._database.transaction() as session:
            person = get_person(session, staff_id)
            _keep_an_admin(session, person)
            person.disabled_at = self._now()
            end_sessions(session, person.id, self._now())
            stop_links(session, person.id, self._now())
            add_audit(session, self._now(), actor, "disabled", ("staff", person.id))

    def enable(self, staff_id: str, actor: str) -> None:
        """Give a person access again, with the old password."""
        with self._database.transaction() as session:
            get_person(session, staff_id).disabled_at = None
            add_audit(session, self._now(), actor, "enabled", ("staff", staff_id))

    def sign_out_everywhere(self, staff_id: str, actor: str) -> None:
        """End all sessions of a person, on every device."""
        with self._database.transaction() as session:
            end_sessions(session, get_person(session, staff_id).id, self._now())
            add_audit(session, self._now(), actor, "signed_out_everywhere", ("staff", staff_id))

    def change_password(self, staff_id: str, current: str, new: str) -> None:
        """Change one's own password and end all sessions. Raises `SignInRefused`, `PasswordTooWeak`."""
        with self._database.transaction(read_only=True) as session:
            person = session.get(tables.StaffMember, staff_id)
        if person is None:
            raise AccountNotFound
        if not self._passwords.match(person.password_hash, current):
            raise SignInRefused
        check_password(new, person.email or "")
        password_hash = self._passwords.hash(new)
        with self._database.transaction() as session:
            get_person(session, staff_id).password_hash = password_hash
            end_sessions(session, staff_id, self._now())
            add_audit(session, self._now(), staff_id, "password_set", ("staff", staff_id))


def _keep_an_admin(session: Session, person: tables.StaffMember) -> None:
    """Raise `LastAdmin` when `person` is the only admin who can sign in."""
    people = tables.StaffMember
    others = select(func.count()).where(
        people.role == "admin",
        people.id != person.id,
        people.disabled_at.is_(None),
        people.password_hash.is_not(None),
    )
    if person.role == "admin" and not session.scalar(others):
        raise LastAdmin
