"""The people of the clinic: invited by a one-time link, signed in by password, signed out by the clock."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.account import ROLES, Account, AccountNotFound, get_person, to_account
from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.contact import read_email, read_name
from clinic.passwords import Passwords, PasswordTooWeak, check_password
from clinic.sign_in_attempts import add_attempt, add_success, forget_failures
from clinic.sign_in_links import LinkNotValid, add_link, find_person, stop_links
from clinic.staff_sessions import (
    SignInRefused,
    StaffSession,
    end_session,
    end_sessions,
    start_session,
    use_session,
)
from clinic.storage import tables
from clinic.storage.columns import new_id
from clinic.storage.database import Database

__all__ = [
    "ROLES",
    "Account",
    "AccountNotFound",
    "EmailTaken",
    "LinkNotValid",
    "PasswordTooWeak",
    "SignInRefused",
    "Staff",
    "StaffSession",
]


class EmailTaken(ValueError):
    """Another account has this e-mail address."""


class Staff:
    """All accounts and sessions; a session ends `idle` after its last use and `absolute` after its start.

    Every method raises `StorageUnavailable` when the database fails.
    """

    def __init__(
        self, database: Database, idle: timedelta, absolute: timedelta, now: Clock = utc_now
    ) -> None:
        self._database = database
        self._idle = idle
        self._absolute = absolute
        self._now = now
        self._passwords = Passwords()

    def ensure_first_admin(self) -> str | None:
        """Return the token of a one-time link (24 hours) as long as no admin has a password, else `None`.

        Makes the admin when there is none; an older link stops working.
        """
        people = tables.StaffMember
        query = select(people).where(people.role == "admin", people.disabled_at.is_(None))
        with self._database.transaction() as session:
            admins = session.scalars(query.order_by(people.created_at)).all()
            if any(admin.password_hash for admin in admins):
                return None
            admin = admins[0] if admins else self._add_person(session, "admin", "system")
            return add_link(session, admin.id, self._now())

    def invite(self, role: str, actor: str) -> str:
        """Make an account and return the token of its one-time link (24 hours); `actor` is a staff id.

        Raises `ValueError` on an unknown role.
        """
        if role not in ROLES:
            raise ValueError(f"not a role: {role!r}")
        with self._database.transaction() as session:
            return add_link(session, self._add_person(session, role, actor).id, self._now())

    def renew_link(self, staff_id: str, actor: str) -> str:
        """Return the token of a new link, for a lost one or a lost password. Raises `AccountNotFound`."""
        with self._database.transaction() as session:
            person = get_person(session, staff_id)
            add_audit(session, self._now(), actor, "link_renewed", ("staff", person.id))
            return add_link(session, person.id, self._now())

    def check_link(self, token: str) -> None:
        """Raise `LinkNotValid` unless the link can still be used. Does not use it up."""
        with self._database.transaction(read_only=True) as session:
            find_person(session, token, self._now())

    def accept_link(self, token: str, name: str, email: str, password: str) -> Account:
        """Set name, e-mail and password of the account behind the link, use the link up, end open sessions.

        A lock of the address ends too.

        Raises `LinkNotValid`, `ContactUnclear`, `PasswordTooWeak`, `EmailTaken`; the link then stays usable.
        """
        name, email = read_name(name), _fold_email(read_email(email))
        check_password(password, email)
        password_hash = self._passwords.hash(password)
        try:
            with self._database.transaction() as session:
                person = find_person(session, token, self._now())
                person.name, person.email, person.password_hash = name, email, password_hash
                session.flush()
                stop_links(session, person.id, self._now())
                end_sessions(session, person.id, self._now())
                add_audit(session, self._now(), person.id, "password_set", ("staff", person.id))
                forget_failures(session, email, person.id, self._now())
                return to_account(person)
        except IntegrityError as error:
            raise EmailTaken from error

    def sign_in(self, email: str, password: str) -> StaffSession:
        """Start a session. Raises `SignInRefused`, after the same time for known and unknown accounts.

        The session is pending for somebody with a second step: `SecondStep.finish_sign_in` completes it.
        Many failures lock the address for a while, for the right password too (`sign_in_attempts`).
        """
        email = _fold_email(email)
        query = select(tables.StaffMember).where(tables.StaffMember.email == email)
        with self._database.transaction() as session:
            wait = add_attempt(session, email, self._now())
            person = session.scalars(query.where(tables.StaffMember.disabled_at.is_(None))).one_or_none()
        if wait:
            raise SignInRefused(wait)
        is_right = self._passwords.match(person.password_hash if person else None, password)
        if person is None or not is_right:
            raise SignInRefused
        with self._database.transaction() as session:
            if person.second_step_since is not None:
                return start_session(session, person, self._now(), is_pending=True)
            add_success(session, email, person.id, self._now())
            return start_session(session, person, self._now())

    def find_session(self, token: str) -> StaffSession:
        """Return the open session of this browser and note its use. Raises `SignInRefused`."""
        with self._database.transaction() as session:
            return use_session(session, token, self._now(), self._idle, self._absolute)

    def sign_out(self, token: str) -> None:
        """End the session of this browser; does nothing when it has none."""
        with self._database.transaction() as session:
            end_session(session, token, self._now())

    def list(self) -> list[Account]:
        """Return all accounts, oldest first, disabled ones too: the audit record names them."""
        query = select(tables.StaffMember).order_by(tables.StaffMember.created_at, tables.StaffMember.id)
        with self._database.transaction(read_only=True) as session:
            return [to_account(person) for person in session.scalars(query)]

    def _add_person(self, session: Session, role: str, actor: str) -> tables.StaffMember:
        person = tables.StaffMember(id=new_id(), name="", role=role, created_at=self._now())
        session.add(person)
        session.flush()
        add_audit(session, self._now(), actor, "invited", ("staff", person.id), {"role": role})
        return person


def _fold_email(email: str) -> str:
    return email.strip().casefold()  # one account however the address is capitalised
