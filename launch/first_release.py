"""The release that a start begins with: the live one, or one made from the shipped model."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from clinic.settings import Settings
from content.releases import Release, ReleaseDamaged, ReleaseNote, Releases, State, verify, write_whole
from launch.groups import GROUPS
from launch.model import MODEL, ROOT

START_NOTE = ReleaseNote(by="start", why="the model and content that came with the program", kind="start")


def prepare_release(settings: Settings) -> tuple[Release, str]:
    """Return the release to start with, and a sentence when that is not simply the live one.

    A model needs the engine's code it was made with: after an upgrade of the program the shipped model
    becomes a release. A live release that was damaged gives way to the one before.
    """
    releases = Releases(settings.releases_directory)
    state = releases.state()
    for name in filter(None, (state.live, state.previous)):
        release = releases.find(name)
        if release.note.program != program_checksum():
            break
        try:
            verify(release)
        except ReleaseDamaged as damage:
            sentence = f"{str(damage).capitalize()}. `make publish` makes a new one."
            continue
        told = "" if name == state.live else f"{sentence} The release before it, {name}, is used."
        return _begin_with(releases, release, state), told
    release = make_release(settings, MODEL, ROOT, START_NOTE)
    told = "The program has changed, so the model that came with it is used." if state.live else ""
    return _begin_with(releases, release, state), told


def _begin_with(releases: Releases, release: Release, state: State) -> Release:
    """Let the first set of engines load `release`: every start begins with that set."""
    previous = state.previous if state.live == release.id else None
    groups = {GROUPS[0]: release.id} | ({GROUPS[1]: previous} if previous else {})
    releases.set_state(State(release.id, previous, groups))
    return release


def make_release(
    settings: Settings, model: Path, project: Path, note: ReleaseNote, reports: dict[str, Any] | None = None
) -> Release:
    """Keep `model` with the content of `project` as a release; raises ReleaseNotMade.

    reports: what goes into JSON files of the release, by file name.
    """
    releases = Releases(settings.releases_directory)
    with releases.draft() as folder:
        copy_content(settings, project, folder / "content")
        shutil.copyfile(
            model, folder / "model.tar.gz"
        )  # a link would let a later training change the release
        for name, report in (reports or {}).items():
            write_whole(folder / name, json.dumps(report, indent=1, ensure_ascii=False))
        return releases.add(folder, replace(note, program=program_checksum()))


def copy_content(settings: Settings, project: Path, folder: Path) -> None:
    """Copy what a release keeps of a project: data, domain, configuration, and the clinic's profile."""
    data = settings.data_directory if project == ROOT else project / "data"
    profile = settings.profile_path if project == ROOT else project / "profile.yml"
    shutil.copytree(data, folder / "data")
    for source, name in (
        (project / "domain.yml", ""),
        (project / "config.yml", ""),
        (profile, "profile.yml"),
    ):
        shutil.copyfile(source, folder / (name or source.name))


def program_checksum(root: Path = ROOT) -> str:
    """Return the checksum of the engine's code and lock, without which a model cannot be loaded."""
    digest = hashlib.sha256()
    for path in [*sorted((root / "engine").glob("*.py")), root / "engine" / "requirements.txt"]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
