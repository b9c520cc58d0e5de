"""Where what visitors get stands: in the live release, or in the working files before there is a release.

`content.releases` writes the state; every process that tells visitors something of the clinic follows it, so
that a release and the way back change model, answers and the clinic's facts together.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from clinic.profile import Profile, ProfileInvalid, load_profile
from clinic.settings import Settings

STATE = "state.json"
LOG = logging.getLogger("clinic.live_release")


class LiveReleaseUnknown(Exception):
    """The file that says which release is live cannot be read."""


@dataclass(frozen=True)
class LivePlace:
    """The live content. release: its id, empty while there is none; data: the folder of answers."""

    release: str
    data: Path
    profile: Path


def find_live(settings: Settings) -> LivePlace:
    """Return where the live content is now; raises LiveReleaseUnknown."""
    path = settings.releases_directory / STATE
    try:
        release = str(json.loads(path.read_text("utf-8")).get("live") or "")
    except FileNotFoundError:
        release = ""
    except (OSError, ValueError, AttributeError) as error:
        raise LiveReleaseUnknown(f"{path} cannot be read; it says what is live") from error
    if not release:
        return LivePlace("", settings.data_directory, settings.profile_path)
    content = settings.releases_directory / release / "content"
    return LivePlace(release, content / "data", content / "profile.yml")


class LiveProfile:
    """The clinic's profile as it is live now."""

    def __init__(self, settings: Settings) -> None:
        """Read it; raises LiveReleaseUnknown or ProfileInvalid."""
        self._settings = settings
        self._place = find_live(settings)
        self._profile = load_profile(self._place.profile)

    def get(self) -> Profile:
        """Return it, read anew after another release went live; one that cannot be read changes nothing."""
        try:
            place = find_live(self._settings)
            if place != self._place:
                self._profile, self._place = load_profile(place.profile), place
        except (LiveReleaseUnknown, ProfileInvalid) as error:
            LOG.error("the profile stays as it was: %s", error)
        return self._profile
