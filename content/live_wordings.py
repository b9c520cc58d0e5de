"""Which wordings and questions are live, and since when. Reads the releases and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import dropwhile
from pathlib import Path

from content.files import ContentFile, ContentUnreadable, read_file
from content.lint.wordings import plain
from content.releases import Release, ReleaseDamaged, ReleaseNotFound, Releases


@dataclass(frozen=True)
class WrittenWording:
    """A wording that was written into the content file `place`, such as "faq/cost"."""

    id: str
    place: str
    text: str


def live_since(releases: Releases, written: Sequence[WrittenWording]) -> dict[str, datetime]:
    """Return since when each wording that is live now has been so, by its id.

    A wording is live when the live release holds it in a question that is live. Since when is told by the
    record of what went live: the first of the unbroken line of releases that hold it, of those that are kept.
    """
    try:
        live = releases.live()
    except (ReleaseDamaged, ReleaseNotFound):
        return {}
    if live is None:
        return {}
    kept = {release.id: release for release in releases.kept()}
    # an entry that is newer than the live release is of one that never took over
    history = list(dropwhile(lambda entry: entry["release"] != live.id, releases.history()))
    found = {}
    for one in written:
        since = live.made_at if _holds(live, one) else None
        for entry in history:
            release = kept.get(entry["release"])
            if since is None or release is None or not _holds(release, one):
                break
            since = datetime.fromisoformat(entry["at"])
        if since is not None:
            found[one.id] = since
    return found


def is_in_draft(root: Path, written: WrittenWording) -> bool:
    """Say whether the wording stands in its file in the project at `root`; False when that cannot be read."""
    return plain(written.text) in _wordings_of(root, written.place)[1]


def live_intents(root: Path) -> list[str]:
    """Return the intents of the questions in `data/faq` that are live, without files that cannot be read."""
    found = []
    for path in sorted((root / "data" / "faq").glob("*.yml")):
        try:
            file = read_file(root, path.relative_to(root))
            found += [str(part["intent"]) for part in file.intents()] if file.state == "live" else []
        except (ContentUnreadable, AttributeError, TypeError, KeyError):
            continue  # the list of questions says so
    return found


def _holds(release: Release, written: WrittenWording) -> bool:
    is_live, wordings = _read_published(release.content, written.place)
    return is_live and plain(written.text) in wordings


@lru_cache(maxsize=256)
def _read_published(content: Path, place: str) -> tuple[bool, frozenset[str]]:
    """A release never changes, so what was read of it stays true."""
    return _wordings_of(content, place)


def _wordings_of(root: Path, place: str) -> tuple[bool, frozenset[str]]:
    """Return whether the question at `place` is live, and its ways to ask in one spelling."""
    try:
        file: ContentFile = read_file(root, Path("data") / f"{place}.yml")
        return file.state == "live", frozenset(plain(wording.text) for wording in file.wordings())
    except (ContentUnreadable, AttributeError, TypeError, KeyError):
        return False, frozenset()
