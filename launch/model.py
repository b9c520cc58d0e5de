"""Train the model when there is none or when what it is made from has changed."""

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
STAMP = MODELS / "assistant.sha256"
LOG = MODELS / "training.log"


class TrainingFailed(Exception):
    """No new model was made; the old one, if any, is untouched."""


def fingerprint(root: Path = ROOT) -> str:
    """Checksum of what a model is made from: data, configuration, domain, the engine's code and lock."""
    digest = hashlib.sha256()
    files = [root / "config.yml", root / "domain.yml", *sorted((root / "data").rglob("*.yml"))]
    files += sorted((root / "engine").glob("*.py")) + sorted((root / "engine").glob("*.yml"))
    for path in [*files, root / "engine" / "requirements.txt"]:
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current() -> bool:
    """Whether the trained model was made from exactly these files."""
    return MODEL.is_file() and STAMP.is_file() and STAMP.read_text() == fingerprint()


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
    os.replace(trained, MODEL)
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
