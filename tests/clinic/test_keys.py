from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest

from clinic import keys
from clinic.keys import KeyUnreadable, load_or_create_key, resolve_engine_secret, resolve_signing_key
from clinic.settings import Settings
from tests.clinic.conftest import run_together


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var" / "keys"


def test_it_makes_a_key_of_32_random_bytes(folder: Path) -> None:
    key = load_or_create_key(folder, "signing")
    assert len(base64.urlsafe_b64decode(key + "=")) == 32
    assert key != load_or_create_key(folder, "engine")
    assert sorted(path.name for path in folder.iterdir()) == ["engine", "signing"]


def test_it_gives_the_same_key_again(folder: Path) -> None:
    assert load_or_create_key(folder, "signing") == load_or_create_key(folder, "signing")


def test_it_keeps_the_key_from_other_users(folder: Path) -> None:
    load_or_create_key(folder, "signing")
    assert stat.S_IMODE((folder / "signing").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_it_makes_one_key_when_processes_start_together(folder: Path) -> None:
    assert len(set(run_together(8, lambda: load_or_create_key(folder, "signing")))) == 1
    assert [path.name for path in folder.iterdir()] == ["signing"]


def test_it_takes_the_key_of_the_faster_process(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = load_or_create_key(folder, "signing")
    monkeypatch.setattr(Path, "exists", lambda self: False)  # as seen just before the other wrote it
    assert load_or_create_key(folder, "signing") == key


def test_it_refuses_a_key_that_others_can_read(folder: Path) -> None:
    key = load_or_create_key(folder, "signing")
    for mode in (0o640, 0o604, 0o620):
        (folder / "signing").chmod(mode)
        with pytest.raises(KeyUnreadable, match="chmod 600") as refusal:
            load_or_create_key(folder, "signing")
        assert key not in str(refusal.value)
    (folder / "signing").chmod(0o600)
    assert load_or_create_key(folder, "signing") == key


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 50, b"x" * 43 + b" y"])
def test_it_refuses_a_damaged_key(folder: Path, content: bytes) -> None:
    load_or_create_key(folder, "signing")
    (folder / "signing").write_bytes(content)
    with pytest.raises(KeyUnreadable, match="damaged"):
        load_or_create_key(folder, "signing")


def test_it_says_that_the_folder_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    with pytest.raises(KeyUnreadable, match="cannot be used"):
        load_or_create_key(tmp_path / "var" / "keys", "signing")


def test_it_leaves_no_half_key_on_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.os, "fsync", fail)
    with pytest.raises(KeyUnreadable, match="No space left"):
        load_or_create_key(folder, "signing")
    assert os.listdir(folder) == []


@pytest.mark.parametrize("name", ["", "../signing", "a/b", "Signing", ".signing"])
def test_it_refuses_a_name_that_is_not_a_plain_word(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a key name"):
        load_or_create_key(folder, name)
    assert not folder.exists()


def test_it_prefers_the_key_that_is_set(tmp_path: Path) -> None:
    settings = Settings(var_directory=tmp_path, signing_key="set", engine_secret="also set")
    assert (resolve_signing_key(settings), resolve_engine_secret(settings)) == ("set", "also set")
    assert list(tmp_path.iterdir()) == []


def test_it_keeps_the_keys_that_are_not_set(tmp_path: Path) -> None:
    settings = Settings(var_directory=tmp_path)
    assert resolve_signing_key(settings) == (tmp_path / "keys" / "signing").read_text()
    assert resolve_engine_secret(settings) == (tmp_path / "keys" / "engine").read_text()
