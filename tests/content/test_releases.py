"""Releases never change, a damaged one is noticed, and the needed ones are never pruned."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from content.releases import (
    Release,
    ReleaseDamaged,
    ReleaseNote,
    ReleaseNotFound,
    ReleaseNotMade,
    Releases,
    State,
    verify,
)

NOTE = ReleaseNote(by="Nora", why="a new price", kind="full", program="p")


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "releases")


def add(releases: Releases, model: str) -> Release:
    with releases.draft() as draft:
        (draft / "content").mkdir()
        (draft / "content" / "domain.yml").write_text("intents: []")
        (draft / "model.tar.gz").write_text(model)
        return releases.add(draft, NOTE)


def test_a_release_is_named_by_what_is_in_it(releases: Releases) -> None:
    first, second = add(releases, "one"), add(releases, "two")
    assert first.id != second.id
    assert add(releases, "one").id == first.id and len(releases.kept()) == 2
    assert releases.find(first.id[:6]) == first and first.note == NOTE
    verify(first)


@pytest.mark.parametrize("name", ["model.tar.gz", "content/domain.yml"])
def test_a_changed_file_is_noticed(releases: Releases, name: str) -> None:
    release = add(releases, "one")
    (release.folder / name).chmod(0o644)
    (release.folder / name).write_text("tampered")
    with pytest.raises(ReleaseDamaged, match=name):
        verify(release)


def test_a_missing_and_an_added_file_are_noticed(releases: Releases) -> None:
    release = add(releases, "one")
    (release.folder / "extra").write_text("")
    with pytest.raises(ReleaseDamaged, match="extra"):
        verify(release)
    (release.folder / "extra").unlink()
    release.model.unlink()
    with pytest.raises(ReleaseDamaged, match="model"):
        verify(release)


@pytest.mark.parametrize("manifest", ["", "{", "[]", '{"id": "x"}'])
def test_a_release_with_an_unreadable_manifest_does_not_hide_the_others(
    releases: Releases, manifest: str
) -> None:
    damaged, whole = add(releases, "one"), add(releases, "two")
    path = damaged.folder / "manifest.json"
    path.chmod(0o644)
    path.write_text(manifest)
    assert releases.kept() == [whole] and releases.find(whole.id) == whole
    with pytest.raises(ReleaseNotFound):
        releases.find(damaged.id)


@pytest.mark.parametrize("state", ["", "{", '{"now": "x"}'])
def test_an_unreadable_state_is_named(releases: Releases, state: str) -> None:
    add(releases, "one")
    (releases.folder / "state.json").write_text(state)
    with pytest.raises(ReleaseDamaged, match="state.json"):
        releases.state()


def test_a_prune_that_is_cut_short_leaves_no_half_release(
    releases: Releases, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = add(releases, "one"), add(releases, "two")
    releases.set_state(State(kept.id))
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", lambda *_, **__: None)
        assert releases.prune(keep=1) == [gone.id]
    assert not gone.folder.exists()
    assert add(releases, "one").id == gone.id and len(releases.kept()) == 2


def test_a_full_disk_leaves_nothing_behind(releases: Releases) -> None:
    def fill_up() -> None:
        with releases.draft() as draft:
            (draft / "model.tar.gz").write_text("half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ReleaseNotMade, match="No space left"):
        fill_up()
    assert list(releases.folder.iterdir()) == []


def test_pruning_spares_what_is_live_was_before_or_is_loaded(releases: Releases) -> None:
    kept = [add(releases, str(number)) for number in range(6)]
    releases.set_state(State(kept[0].id, kept[1].id, {"engine": kept[2].id}))
    assert releases.prune(keep=2) == [kept[3].id]
    assert {release.id for release in releases.kept()} == {release.id for release in (*kept[:3], *kept[4:])}


def test_what_a_killed_process_left_is_swept_away(releases: Releases) -> None:
    add(releases, "one")
    (releases.folder / ".new-killed").mkdir()
    assert len(releases.kept()) == 1
    releases.prune(keep=2)
    assert not (releases.folder / ".new-killed").exists()


def test_an_unknown_name_is_refused_with_the_names_that_are_kept(releases: Releases) -> None:
    release = add(releases, "one")
    for name in ("", "zzzzzz", release.id[:3], "previous"):
        with pytest.raises(ReleaseNotFound, match=release.id):
            releases.find(name)
    releases.set_state(State("other", release.id, {}))
    assert releases.find("previous") == release


def test_the_state_survives_a_draft_that_never_counted(releases: Releases) -> None:
    releases.set_state(State("a", None, {}))
    releases.prepare_state(State("b", "a", {}))
    assert releases.state() == State("a", None, {})
