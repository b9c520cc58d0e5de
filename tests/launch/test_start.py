"""What has to be true before a start: our own model, inner parts inside, secrets for their owner only."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from clinic.settings import Settings
from content.releases import Release, ReleaseNote, Releases, State
from launch import engine_process, model
from launch.environment_file import SECRETS, EnvironmentFileIsOpen, check_environment_file
from launch.groups import GROUPS
from launch.inner_addresses import AddressIsPublic, check_inner_address
from launch.model import ModelNotOurs, check_archive

ROOT = Path(__file__).resolve().parents[2]
TRAINED = b"what training made"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A model archive with its checksum beside it, as training leaves them."""
    archive = tmp_path / "models" / "assistant.tar.gz"
    archive.parent.mkdir()
    archive.write_bytes(TRAINED)
    stamp_of(archive).write_text(hashlib.sha256(TRAINED).hexdigest())
    return archive


def stamp_of(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.sha256")


def test_the_model_that_was_trained_here_is_taken(archive: Path) -> None:
    check_archive(archive, stamp_of(archive))


@pytest.mark.parametrize("changed", [b"What training made", TRAINED + b"\0", TRAINED[:-1], b""])
def test_a_changed_model_is_refused(archive: Path, changed: bytes) -> None:
    archive.write_bytes(changed)
    with pytest.raises(ModelNotOurs, match="not the one that was trained here.*make train"):
        check_archive(archive, stamp_of(archive))


def test_a_model_without_its_checksum_is_refused(archive: Path) -> None:
    stamp_of(archive).unlink()
    with pytest.raises(ModelNotOurs, match="no checksum beside it"):
        check_archive(archive, stamp_of(archive))
    archive.unlink()
    with pytest.raises(ModelNotOurs, match="there is no model"):
        check_archive(archive, stamp_of(archive))


def test_a_changed_model_is_not_current_and_is_made_anew(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "fingerprint", lambda: "as before")
    monkeypatch.setattr(model, "STAMP", archive.with_name("assistant.sha256"))
    monkeypatch.setattr(model, "MODEL", archive)
    monkeypatch.setattr(model, "ARCHIVE_STAMP", stamp_of(archive))
    model.STAMP.write_text("as before")
    assert model.is_current()
    archive.write_bytes(b"somebody else's")
    assert not model.is_current()


@pytest.fixture
def installation(tmp_path: Path, archive: Path) -> Path:
    """A copy of what starts the assistant, with a model of its own."""
    for folder in ("launch", "clinic", "content"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def start(installation: Path, module: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPTC_")}
    command = [sys.executable, "-m", module]
    return subprocess.run(
        command, cwd=installation, env=environment | settings, capture_output=True, text=True, timeout=60
    )


def test_nothing_starts_with_a_changed_model(installation: Path, archive: Path) -> None:
    archive.write_bytes(b"somebody else's")
    done = start(installation, "launch.start")
    assert done.returncode == 1
    assert "is not the one that was trained here" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (installation / "var").exists()


def test_nothing_starts_on_a_public_address(installation: Path) -> None:
    done = start(installation, "launch.start", OPTC_ENGINE_HOST="0.0.0.0")
    assert done.returncode == 1
    assert "OPTC_ENGINE_HOST=0.0.0.0 can be reached from outside" in done.stderr


def test_nothing_starts_with_secrets_that_others_can_read(installation: Path) -> None:
    (installation / ".env").write_text("OPTC_SIGNING_KEY=abc\n")
    (installation / ".env").chmod(0o644)
    done = start(installation, "launch.start")
    assert done.returncode == 1
    assert "other users can read it. Run: chmod 600" in done.stderr
    assert "abc" not in done.stdout + done.stderr


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """A release that both sets of engines are told to load."""
    monkeypatch.setenv("OPTC_VAR_DIRECTORY", str(tmp_path / "var"))
    releases = Releases(Settings().releases_directory)
    with releases.draft() as folder:
        (folder / "content" / "data" / "faq").mkdir(parents=True)
        (folder / "content" / "profile.yml").write_text("name: The clinic\n")
        (folder / "model.tar.gz").write_bytes(TRAINED)
        release = releases.add(folder, ReleaseNote(by="start", why="a test", kind="start"))
    releases.set_state(State(release.id, None, {group: release.id for group in GROUPS}))
    return release


def test_an_engine_becomes_rasa_with_the_model_of_its_release(
    live: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execve", lambda path, command, variables: became.append(command))
    monkeypatch.setattr(sys, "argv", ["launch.engine_process", "--port", str(Settings().engine_port)])
    engine_process.main()
    [command] = became
    assert command[command.index("--model") + 1] == str(live.model.resolve())
    assert command[command.index("--interface") + 1] == "127.0.0.1"
    assert not {"--enable-api", "--cors", "--remote-storage", "--auth-token"} & set(command)


def test_an_engine_does_not_load_a_changed_model(
    live: Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    live.model.chmod(0o600)
    live.model.write_bytes(b"somebody else's")
    monkeypatch.setattr(os, "execve", lambda *_: pytest.fail("it started"))
    monkeypatch.setattr(sys, "argv", ["launch.engine_process", "--port", str(Settings().engine_port)])
    assert engine_process.main() == 1
    assert "is not what was published" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "10.0.0.5", "192.168.1.2", "fd00::1"])
def test_inner_parts_may_listen_inside(host: str) -> None:
    check_inner_address("OPTC_ENGINE_HOST", host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "8.8.8.8", "2001:4860:4860::8888", "no.such.host.invalid"])
def test_inner_parts_may_not_listen_outside(host: str) -> None:
    with pytest.raises(AddressIsPublic, match="OPTC_ACTIONS_HOST.*127.0.0.1"):
        check_inner_address("OPTC_ACTIONS_HOST", host)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_file_with_a_secret_is_for_its_owner(tmp_path: Path, secret: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"OPTC_PORT=8000\nOPTC_{secret.upper()} = x\n")
    for mode in (0o640, 0o604, 0o666):
        file.chmod(mode)
        with pytest.raises(EnvironmentFileIsOpen, match=f"OPTC_{secret.upper()}"):
            check_environment_file(file)
    file.chmod(0o600)
    check_environment_file(file)


def test_a_file_without_secrets_may_be_read(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    check_environment_file(file)
    file.write_text("OPTC_PORT=8000\n#OPTC_SIGNING_KEY=x\nOPTC_SMTP_PASSWORD=\n")
    file.chmod(0o644)
    check_environment_file(file)
