"""Train the model when there is none or when what it is made from has changed; know our own again.

A model archive is code: whoever can exchange it runs as the engine. So its checksum is written down when it
is trained, and `check_archive` compares before an engine loads it. This finds a damaged or exchanged archive;
it does not stop somebody who may write both files.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from launch.environment_variables import engine_variables

ROOT = Path(__file__).resolve().parent.parent
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
MODELS = ROOT / "models"
MODEL = MODELS / "assistant.tar.gz"
STAMP = MODELS / "assistant.sha256"  # of what it was made from
ARCHIVE_STAMP = MODELS / "assistant.tar.gz.sha256"  # of the archive itself
LOG = MODELS / "training.log"


class TrainingFailed(Exception):
    """No new model was made; the old one, if any, is untouched."""


class ModelNotOurs(Exception):
    """The model archive is missing, or is not the one that was trained here; the message says what to do."""


def fingerprint(root: Path = ROOT) -> str:
    """Checksum of what a model is made from: data, configuration, domain, the engine's code and lock."""
    digest = hashlib.sha256()
    files = [root / "config.yml", root / "domain.yml", *sorted((root / "data").rglob("*.yml"))]
    files += sorted((root / "engine").glob("*.py")) + sorted((root / "engine").glob("*.yml"))
    for path in [*files, root / "engine" / "requirements.txt"]:
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current() -> bool:
    """Whether the trained model was made from exactly these files and is still the one that was made."""
    if not (STAMP.is_file() and STAMP.read_text() == fingerprint()):
        return False
    try:
        check_archive()
    except ModelNotOurs:
        return False
    return True


def check_archive(archive: Path | None = None, stamp: Path | None = None) -> None:
    """Compare the archive with the checksum written when it was trained. Raises ModelNotOurs."""
    archive, stamp = archive or MODEL, stamp or ARCHIVE_STAMP
    if not archive.is_file():
        raise ModelNotOurs(f"there is no model at {archive}. `make train` makes one.")
    if not stamp.is_file():
        raise ModelNotOurs(f"the model {archive} has no checksum beside it. `make train` makes both.")
    if stamp.read_text("ascii", "replace").strip() != _checksum(archive):
        raise ModelNotOurs(
            f"the model {archive} is not the one that was trained here: its checksum is another. "
            "Find out who changed it, then make it anew with `make train`."
        )


def _checksum(archive: Path) -> str:
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def train() -> None:
    """Train into models/assistant.tar.gz; raises TrainingFailed with the reason and the log's place."""
    made_from = fingerprint()
    command = [
        str(ENGINE_PYTHON), "-m", "rasa", "train", "--out", "models", "--fixed-model-name", "assistant-new",
        "--endpoints", "endpoints.yml",
    ]  # fmt: skip
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("wb") as log:
        done = subprocess.run(command, cwd=ROOT, env=engine_variables(), stdout=log, stderr=subprocess.STDOUT)
    trained = MODELS / "assistant-new.tar.gz"
    if done.returncode != 0 or not trained.is_file():
        raise TrainingFailed(f"training failed: {_reason()} The whole log is {LOG.relative_to(ROOT)}.")
    checksum = _checksum(trained)
    os.replace(trained, MODEL)
    ARCHIVE_STAMP.write_text(checksum)
    STAMP.write_text(made_from)


def _reason() -> str:
    lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()
    telling = [line for line in lines if "Error" in line or "Invalid" in line or "Exception" in line]
    return (telling or lines or ["no output"])[-1].strip()[:300]


def main() -> int:
    """Train if needed; returns 0, or 1 after one clear sentence."""
    if is_current() and "--force" not in sys.argv:
        return 0
    print("Training the model (about a minute) …", flush=True)
    try:
        train()
    except TrainingFailed as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    print("The model is trained.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
