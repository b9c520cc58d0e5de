"""Signed form ids: they make a double submit one request, and tell which consent text was on the page."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

LONGEST_OPEN_SECONDS = 24 * 60 * 60
FASTEST_HUMAN_SECONDS = 2.0


class FormExpired(Exception):
    """The form id is missing, forged, or the page was opened more than a day ago."""


@dataclass(frozen=True)
class FormId:
    """The request's key, the consent version shown, and whether it came back too fast for a person."""

    request_key: str
    consent_version: str
    was_too_quick: bool


class FormIds:
    """Issues form ids and reads them back."""

    def __init__(self, signing_key: str) -> None:
        """Take the key that signs."""
        self._signer = URLSafeTimedSerializer(signing_key, salt="contact-form")

    def issue(self, consent_version: str) -> str:
        """Return a new form id for a page that shows `consent_version`."""
        return str(self._signer.dumps([secrets.token_urlsafe(16), consent_version, time.time()]))

    def read(self, form_id: str) -> FormId:
        """Return what `form_id` says; raises FormExpired."""
        try:
            key, consent_version, issued = self._signer.loads(form_id, max_age=LONGEST_OPEN_SECONDS)
        except BadData as error:
            raise FormExpired from error
        return FormId(f"contact-form-{key}", consent_version, time.time() - issued < FASTEST_HUMAN_SECONDS)
