"""The one error of everything that reads contact details."""

from __future__ import annotations


class ContactUnclear(ValueError):
    """What was typed cannot be used. `code` says why; the words for it stand with the other sentences.

    Codes: name_missing name_too_long name_has_no_letters phone_too_short phone_too_long phone_not_valid
    email_not_valid contact_missing contact_not_understood.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
