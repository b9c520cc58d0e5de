"""One-time links with which a person of the clinic sets a password."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.storage import tables
from clinic.tokens import hash_token, new_token

LIFETIME = timedelta(hours=24)


class LinkNotValid(Exception):
    """The link is unknown, used, too old, or belongs to a disabled account."""


def add_link(session: Session, staff_id: str, now: datetime) -> str:
    """Add a link to the caller's transaction and return its token; older links of the person stop working."""
    stop_links(session, staff_id, now)
    token = new_token()
    session.add(tables.SignInLink(staff_id=staff_id, token_hash=hash_token(token), expires_at=now + LIFETIME))
    return token


def stop_links(session: Session, staff_id: str, now: datetime) -> None:
    """Make every open link of the person unusable."""
    links = tables.SignInLink
    session.execute(
        update(links).where(links.staff_id == staff_id, links.used_at.is_(None)).values(used_at=now)
    )


def find_person(session: Session, token: str, now: datetime) -> tables.StaffMember:
    """Return the person a link belongs to, locked until the transaction ends. Raises `LinkNotValid`."""
    query = select(tables.SignInLink).where(tables.SignInLink.token_hash == hash_token(token))
    link = session.scalars(query.with_for_update()).one_or_none()
    if link is None or link.used_at is not None or link.expires_at <= now:
        raise LinkNotValid
    person = session.get_one(tables.StaffMember, link.staff_id, with_for_update=True)
    if person.disabled_at is not None:
        raise LinkNotValid
    return person
