"""The releases: folders that hold a model with the content and the profile it goes with, and never change.

var/releases/<id>/ holds `model.tar.gz`, `content/` (data, domain, configuration, profile), where there was
an evaluation its outcomes and the comparison, and `manifest.json`: who, when, why, and a checksum (SHA-256)
of every file. The id is made from these checksums, so a changed file shows.
`state.json` beside them says which one is live, which one was before, and what each set of engines loads.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clinic.live_release import STATE

MANIFEST = "manifest.json"
HISTORY = "history.jsonl"
PREVIOUS = "previous"  # stands for the release before the live one
ID_LENGTH = 16  # hexadecimal digits: 64 bits, far more than releases are ever made
READ_ONLY = 0o444


class ReleaseNotFound(Exception):
    """No release of this name is kept; the message says which ones are."""


class ReleaseDamaged(Exception):
    """A file of a release is missing or not what the manifest says; the message names it."""


class ReleaseNotMade(Exception):
    """The release could not be written (a full disk, for one); nothing is left of it."""


@dataclass(frozen=True)
class ReleaseNote:
    """Why there is a release. kind: start, full or answers; override: an administrator's reason, or empty."""

    by: str
    why: str
    kind: str
    override: str = ""
    program: str = ""  # checksum of the engine's code that the model was made with


@dataclass(frozen=True)
class Release:
    """One kept release."""

    id: str
    folder: Path
    made_at: datetime
    note: ReleaseNote
    files: dict[str, str] = field(repr=False)

    @property
    def model(self) -> Path:
        """Return the model's file."""
        return self.folder / "model.tar.gz"

    @property
    def content(self) -> Path:
        """Return the folder with data, domain.yml, config.yml and profile.yml."""
        return self.folder / "content"

    def read_json(self, name: str) -> Any:
        """Return what a JSON file of the release holds; None when it has no such file."""
        path = self.folder / name
        return json.loads(path.read_text("utf-8")) if path.is_file() else None


@dataclass(frozen=True)
class State:
    """What is live. groups: the release that each set of engines loads when it starts."""

    live: str | None = None
    previous: str | None = None
    groups: dict[str, str] = field(default_factory=dict)


class Releases:
    """The kept releases of one var folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder `var/releases`; it is made when the first release is."""
        self.folder = folder

    def state(self) -> State:
        """Return what is live now."""
        try:
            return State(**json.loads((self.folder / STATE).read_text("utf-8")))
        except FileNotFoundError:
            return State()
        except (ValueError, TypeError) as error:
            raise ReleaseDamaged(f"{STATE} of the releases cannot be read; it says what is live") from error

    def prepare_state(self, state: State) -> Path:
        """Write `state` beside the present one and return the draft; `os.replace` it to make it count."""
        return write_whole(self.folder / f"{STATE}.new", json.dumps(asdict(state), indent=1))

    def set_state(self, state: State) -> None:
        """Make `state` the present one, whole or not at all."""
        os.replace(self.prepare_state(state), self.folder / STATE)

    def live(self) -> Release | None:
        """Return the live release; None before the first one."""
        live = self.state().live
        return self.find(live) if live else None

    def kept(self) -> list[Release]:
        """Return the kept releases, newest first."""
        found = []
        for path in self.folder.glob(f"[!.]*/{MANIFEST}"):
            with suppress(ReleaseDamaged):  # one damaged release must not stand in the way of the others
                found.append(read_release(path.parent))
        return sorted(found, key=lambda release: release.made_at, reverse=True)

    def find(self, name: str) -> Release:
        """Return the release whose id begins with `name` (6 digits or more), or the `previous` one.

        Raises ReleaseNotFound.
        """
        kept = self.kept()
        if name == PREVIOUS:
            name = self.state().previous or ""
        fitting = [release for release in kept if len(name) >= 6 and release.id.startswith(name)]
        if len(fitting) != 1:
            names = ", ".join(release.id for release in kept) or "none"
            raise ReleaseNotFound(f"there is no release {name[:40]}; kept are: {names}")
        return fitting[0]

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Give an empty folder to put a release together in; what is left of it at the end is deleted.

        Raises ReleaseNotMade for whatever the disk refuses meanwhile.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
        except OSError as error:
            raise ReleaseNotMade(f"the release could not be written ({error.strerror})") from error
        try:
            yield folder
        except (OSError, shutil.Error) as error:
            raise ReleaseNotMade(f"the release could not be written ({error})") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def add(self, draft: Path, note: ReleaseNote) -> Release:
        """Keep what was put together in `draft` (see there) as a release."""
        files = checksums(draft)
        identifier = _name_of(files)
        place = self.folder / identifier
        if (place / MANIFEST).is_file():
            return read_release(place)
        for name in files:
            (draft / name).chmod(READ_ONLY)
        manifest = {
            "id": identifier,
            "made_at": datetime.now(UTC).isoformat(),
            **asdict(note),
            "files": files,
        }
        write_whole(draft / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False)).chmod(READ_ONLY)
        draft.chmod(0o755)
        os.replace(draft, place)
        return read_release(place)

    def history(self) -> list[dict[str, str]]:
        """Return what went live when, newest first: at, action, release, before, by, why."""
        try:
            lines = (self.folder / HISTORY).read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in reversed(lines) if line.endswith("}")]

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest `keep`; never one that is live, was before, or is loaded by engines."""
        state = self.state()
        needed = {state.live, state.previous, *state.groups.values()}
        gone = [release for release in self.kept()[keep:] if release.id not in needed]
        for release in gone:  # renamed first: half a release must never stand under its name
            os.replace(release.folder, self.folder / f".new-{release.id}")
        for leftover in self.folder.glob(".new-*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        return [release.id for release in gone]


def verify(release: Release) -> None:
    """Compare every file with the manifest; raises ReleaseDamaged, which names the first that differs."""
    found = checksums(release.folder)
    for name in sorted({*found, *release.files}):
        if found.get(name) != release.files.get(name):
            raise ReleaseDamaged(f"{name} of release {release.id} is not what was published")
    if _name_of(release.files) != release.id:
        raise ReleaseDamaged(f"the manifest of release {release.id} was changed")


def read_release(folder: Path) -> Release:
    """Return the release in `folder`; raises ReleaseDamaged when its manifest cannot be read."""
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        note = ReleaseNote(**{name: told[name] for name in ("by", "why", "kind", "override", "program")})
        return Release(told["id"], folder, datetime.fromisoformat(told["made_at"]), note, told["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReleaseDamaged(f"the manifest of release {folder.name} cannot be read") from error


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below `folder` but the manifest, by relative path."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / MANIFEST]
    return {str(path.relative_to(folder)): _checksum(path) for path in files}


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name_of(files: dict[str, str]) -> str:
    listed = "".join(f"{checksum}  {name}\n" for name, checksum in sorted(files.items()))
    return hashlib.sha256(listed.encode()).hexdigest()[:ID_LENGTH]


def write_whole(path: Path, text: str) -> Path:
    """Write `text` so that it is on the disk when this returns; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path
