from __future__ import annotations

from pathlib import Path

import pytest

from clinic.consent import current_consent


def test_it_asks_for_a_call_back_and_nothing_more() -> None:
    consent = current_consent("Oklahoma Pain Treatment Centers")
    assert consent.version == "contact-2026-11"
    assert consent.text == (
        "Oklahoma Pain Treatment Centers may contact me about this request at the number or e-mail I gave."
    )


def test_it_takes_the_words_of_the_version_in_force(tmp_path: Path) -> None:
    (tmp_path / "current.txt").write_text("contact-2\n")
    (tmp_path / "contact-1.txt").write_text("Old words of {clinic_name}.\n")
    (tmp_path / "contact-2.txt").write_text("New words of {clinic_name}: {clinic_name} may call.\n")
    consent = current_consent(" The {clinic} ", tmp_path)
    assert (consent.version, consent.text) == (
        "contact-2",
        "New words of The {clinic}: The {clinic} may call.",
    )


def test_it_does_not_ask_in_nobodys_name() -> None:
    with pytest.raises(ValueError, match="clinic's name"):
        current_consent("  ")


def test_it_does_not_ask_without_words(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="current.txt"):
        current_consent("The clinic", tmp_path)
