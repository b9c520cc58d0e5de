"""The sessions of signed-in browsers, written and read in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.account import Account, to_account
from clinic.storage import tables
from clinic.tokens import hash_token, new_token

PENDING_FOR = timedelta(minutes=10)  # how long the second step may take


class SignInRefused(Exception):
    """No session: wrong e-mail, password or code, too many tries, or a session that has ended.

    Never says which account exists. `wait` is set when only waiting helps.
    """

    def __init__(self, wait: timedelta | None = None) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True)
class StaffSession:
    """A signed-in browser. `token` is its secret; `csrf_token` must come with every form it sends.

    While it `is_pending` the second step is missing, and it opens nothing else.
    """

    token: str
    csrf_token: str
    account: Account
    is_pending: bool = False


def start_session(
    session: Session, person: tables.StaffMember, now: datetime, is_pending: bool = False
) -> StaffSession:
    """Add a session for a person whose password was right."""
    token, csrf_token = new_token(), new_token()
    session.add(
        tables.StaffSession(
            token_hash=hash_token(token),
            staff_id=person.id,
            csrf_token=csrf_token,
            created_at=now,
            last_seen_at=now,
            is_pending=is_pending,
        )
    )
    return StaffSession(token, csrf_token, to_account(person), is_pending)


def use_session(
    session: Session, token: str, now: datetime, idle: timedelta, absolute: timedelta
) -> StaffSession:
    """Return the open session with this token and note its use. Raises `SignInRefused`."""
    query = select(tables.StaffSession).where(tables.StaffSession.token_hash == hash_token(token))
    row = session.scalars(query).one_or_none()
    if row is None or row.ended_at is not None:
        raise SignInRefused
    if now >= row.created_at + absolute or now >= row.last_seen_at + idle:
        raise SignInRefused
    if row.is_pending and now >= row.created_at + PENDING_FOR:
        raise SignInRefused
    row.last_seen_at = now
    person = session.get_one(tables.StaffMember, row.staff_id)
    return StaffSession(token, row.csrf_token, to_account(person), row.is_pending)


def end_session(session: Session, token: str, now: datetime) -> None:
    """End the session with this token, if there is one."""
    sessions = tables.StaffSession
    session.execute(
        update(sessions)
        .where(sessions.token_hash == hash_token(token), sessions.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions(session: Session, staff_id: str, now: datetime) -> None:
    """End all sessions of a person."""
    sessions = tables.StaffSession
    session.execute(
        update(sessions)
        .where(sessions.staff_id == staff_id, sessions.ended_at.is_(None))
        .values(ended_at=now)
    )
