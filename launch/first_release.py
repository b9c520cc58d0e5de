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
    """Keep `model` with the content of `project`, which it was trained from, as a release.

    reports: what goes into JSON files of the release, by file name. Raises ReleaseNotMade.
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
    """Copy what a release keeps of a project: data, domain, configuration, and the clinic's profile.

    A draft that is being published has its profile beside it; else it is where the settings say.
    """
    profile = project / "profile.yml"
    shutil.copytree(project / "data", folder / "data")
    for name in ("domain.yml", "config.yml"):
        shutil.copyfile(project / name, folder / name)
    shutil.copyfile(profile if profile.is_file() else settings.profile_path, folder / "profile.yml")


def program_checksum(root: Path = ROOT) -> str:
    """Return the checksum of the engine's code, words and lock, without which a model cannot be loaded."""
    digest = hashlib.sha256()
    engine = root / "engine"
    code = sorted([*engine.glob("*.py"), *engine.glob("*.yml")])  # words are code: the parts read them
    for path in [*code, engine / "requirements.txt"]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
