"""Reads which engines take turns: those of the settings, or those a new release has named in a file."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from clinic.engine_addresses import read_engine_addresses
from clinic.settings import Settings

LOG = logging.getLogger("clinic.web.engines")


def address_reader(settings: Settings) -> Callable[[], list[str]]:
    """Return a function that tells the engines' addresses as of now; blocking, it reads a small file."""
    return lambda: read_engine_addresses(settings)


def address_reporter(settings: Settings) -> Callable[[list[str]], None]:
    """Return what tells `launch/release.py` that this process uses these engines and no other any more."""
    place = settings.engines_read_directory / str(os.getpid())

    def report(addresses: list[str]) -> None:
        draft = place.with_suffix(".new")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text("\n".join(addresses) + "\n", "utf-8")
            os.replace(draft, place)
        except OSError as error:  # a full disk: the old engines then stay until the deadline
            LOG.warning("the engines in use could not be written: %s", error.strerror)

    return report
