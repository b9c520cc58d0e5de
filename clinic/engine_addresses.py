"""Which engines take turns now: those of the settings, or those a new release has named in a file."""

from __future__ import annotations

from pathlib import Path

from clinic.settings import Settings


def read_engine_addresses(settings: Settings) -> list[str]:
    """Return the engines' addresses as of now; blocking, it reads a small file."""
    return read_named(settings.engines_file) or settings.engine_addresses


def read_named(path: Path) -> list[str]:
    """Return the addresses in `path`, one a line; none when there is no such file."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines if line.startswith("http")]
