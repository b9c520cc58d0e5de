"""The second step of signing in: a code from an authenticator app (RFC 6238), or a recovery code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from clinic.account import get_person
from clinic.audit import add_audit
from clinic.clock import Clock, utc_now
from clinic.sign_in_attempts import add_attempt, add_success
from clinic.staff_sessions import PENDING_FOR, SignInRefused, StaffSession, end_session, start_session
from clinic.storage import tables
from clinic.storage.database import Database
from clinic.tokens import hash_token

RECOVERY_CODES = 10
_PERIOD_SECONDS = 30
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that can be misread on paper
_ISSUER = "Consultation requests"


class CodeWrong(Exception):
    """The code is not right, or it was used before."""


@dataclass(frozen=True)
class SecondStepSetup:
    """What an authenticator app needs: `secret` to type in, or `address` (otpauth://…) as a QR code."""

    secret: str
    address: str


class SecondStep:
    """Sets up, checks and removes second steps. Secrets are kept encrypted under a key made from `key`.

    Every method raises `AccountNotFound`, `StorageUnavailable`.
    """

    def __init__(self, database: Database, key: str, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now
        digest = hashlib.sha256(b"second step of signing in\0" + key.encode()).digest()
        self._cipher = Fernet(base64.urlsafe_b64encode(digest))

    def begin(self, staff_id: str) -> SecondStepSetup:
        """Return the secret to set up with; it counts only once `confirm` has seen a code made from it.

        Until then every call gives the same secret, so that a page can be loaded again.
        Raises `ValueError` when the second step is on already: it has to be turned off first.
        """
        with self._database.transaction() as session:
            person = get_person(session, staff_id)
            if person.second_step_since is not None:
                raise ValueError("the second step is on already")
            secret = self._read_secret(person)
            if secret is None:
                secret = pyotp.random_base32()
                person.second_step_secret = self._cipher.encrypt(secret.encode()).decode()
            name = person.email or person.name
        return SecondStepSetup(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER))

    def confirm(self, staff_id: str, code: str) -> list[str]:
        """Turn the second step on and return the recovery codes, shown only now. Raises `CodeWrong`."""
        with self._database.transaction() as session:
            person = get_person(session, staff_id)
            if not self._take_app_code(person, code):
                raise CodeWrong
            person.second_step_since = self._now()
            add_audit(session, self._now(), staff_id, "second_step_on", ("staff", staff_id))
            return _new_recovery_codes(session, staff_id)

    def renew_recovery_codes(self, staff_id: str) -> list[str]:
        """Return new recovery codes; the old ones stop working."""
        with self._database.transaction() as session:
            add_audit(session, self._now(), staff_id, "recovery_codes_renewed", ("staff", staff_id))
            return _new_recovery_codes(session, get_person(session, staff_id).id)

    def count_recovery_codes(self, staff_id: str) -> int:
        """Return how many recovery codes are left."""
        codes = tables.RecoveryCode
        query = select(func.count()).where(codes.staff_id == staff_id, codes.used_at.is_(None))
        with self._database.transaction(read_only=True) as session:
            return session.scalar(query) or 0

    def turn_off(self, staff_id: str, code: str) -> None:
        """Turn off one's own second step, with a code: an open screen is not enough.

        Raises `CodeWrong`, `SignInRefused` after many wrong codes.
        """
        with self._database.transaction() as session:
            wait = add_attempt(session, get_person(session, staff_id).email or "", self._now())
        if wait:
            raise SignInRefused(wait)
        with self._database.transaction() as session:
            person = get_person(session, staff_id)
            if not self._take_app_code(person, code) and not _take_recovery_code(
                session, person, code, self._now()
            ):
                raise CodeWrong
            add_success(session, person.email or "", staff_id, self._now())
            _remove(session, person)
            add_audit(session, self._now(), staff_id, "second_step_off", ("staff", staff_id))

    def reset(self, staff_id: str, actor: str) -> None:
        """Remove the second step of somebody who has lost the phone and the recovery codes."""
        with self._database.transaction() as session:
            _remove(session, get_person(session, staff_id))
            add_audit(session, self._now(), actor, "second_step_off", ("staff", staff_id))

    def finish_sign_in(self, token: str, code: str) -> StaffSession:
        """Replace the pending session `token` by a full one with a new token.

        Raises `CodeWrong`; `SignInRefused` when the session is not pending any more or the account is locked.
        """
        now = self._now()
        with self._database.transaction() as session:
            person = _find_pending(session, token, now)
            wait = add_attempt(session, person.email or "", now)
        if wait:
            raise SignInRefused(wait)
        with self._database.transaction() as session:
            person = get_person(session, _find_pending(session, token, now).id)
            if not self._take_app_code(person, code) and not _take_recovery_code(session, person, code, now):
                raise CodeWrong
            add_success(session, person.email or "", person.id, now)
            end_session(session, token, now)
            return start_session(session, person, now)

    def _read_secret(self, person: tables.StaffMember) -> str | None:
        if person.second_step_secret is None:
            return None
        try:
            return self._cipher.decrypt(person.second_step_secret.encode()).decode()
        except InvalidToken:  # the installation's key was changed: an administrator resets the second step
            return None

    def _take_app_code(self, person: tables.StaffMember, code: str) -> bool:
        """Say whether `code` is right now, 30 seconds ago or in 30 seconds, and make it unusable after."""
        secret, digits = self._read_secret(person), re.sub(r"\s", "", code)
        if secret is None or not re.fullmatch(r"[0-9]{6}", digits):
            return False
        present = int(self._now().timestamp()) // _PERIOD_SECONDS
        for period in (present - 1, present, present + 1):
            is_right = hmac.compare_digest(pyotp.TOTP(secret).generate_otp(period), digits)
            if is_right and period > (person.second_step_used or 0):
                person.second_step_used = period
                return True
        return False


def _remove(session: Session, person: tables.StaffMember) -> None:
    person.second_step_secret = person.second_step_since = person.second_step_used = None
    session.execute(delete(tables.RecoveryCode).where(tables.RecoveryCode.staff_id == person.id))


def _find_pending(session: Session, token: str, now: datetime) -> tables.StaffMember:
    query = select(tables.StaffSession).where(tables.StaffSession.token_hash == hash_token(token))
    row = session.scalars(query).one_or_none()
    if row is None or row.ended_at is not None or not row.is_pending or now >= row.created_at + PENDING_FOR:
        raise SignInRefused
    return session.get_one(tables.StaffMember, row.staff_id)


def _new_recovery_codes(session: Session, staff_id: str) -> list[str]:
    session.execute(delete(tables.RecoveryCode).where(tables.RecoveryCode.staff_id == staff_id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    # 49 random bits each: a plain hash is enough, and tries are locked after a few
    session.add_all(tables.RecoveryCode(staff_id=staff_id, code_hash=hash_token(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _take_recovery_code(session: Session, person: tables.StaffMember, code: str, now: datetime) -> bool:
    codes = tables.RecoveryCode
    plain = re.sub(r"[\s-]", "", code).casefold()
    query = select(codes).where(
        codes.staff_id == person.id, codes.code_hash == hash_token(plain), codes.used_at.is_(None)
    )
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        return False
    row.used_at = now
    add_audit(session, now, person.id, "recovery_code_used", ("staff", person.id))
    return True
