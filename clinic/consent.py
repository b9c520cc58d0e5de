"""The sentence a visitor agrees to before contact details are stored, with its version.

The wording is element 1 of fact L10d: consent to be contacted about this request, and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_TEXTS = Path(__file__).parent / "consent"


@dataclass(frozen=True)
class ConsentText:
    """What was agreed to, word for word, and the name of its version."""

    version: str
    text: str


def current_consent(clinic_name: str, directory: Path = _TEXTS) -> ConsentText:
    """Return the consent text in force, with the clinic's name filled in.

    `current.txt` in `directory` names the version; `<version>.txt` holds the words. An old version is never
    edited: a new wording is a new file. Raises `OSError` on a missing file, `ValueError` on a blank name.
    """
    if not clinic_name.strip():
        raise ValueError("the consent text needs the clinic's name")
    version = (directory / "current.txt").read_text(encoding="utf-8").strip()
    words = (directory / f"{version}.txt").read_text(encoding="utf-8").strip()
    return ConsentText(version=version, text=words.replace("{clinic_name}", clinic_name.strip()))
