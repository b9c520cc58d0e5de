"""Make both Python environments from their locks. Standard library only: nothing is installed yet.

`python3 launch/environments.py` is quick when nothing changed: each environment keeps the checksum of the
lock it was made from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
UV_VERSION = "0.13.9"
APPLICATION = (ROOT / ".venv", ROOT / "requirements.txt")
ENGINE = (ROOT / ".venv-engine", ROOT / "engine" / "requirements.txt")
OLDEST_PYTHON = (3, 11)


class SetUpFailed(Exception):
    """Set-up cannot go on; the message says what to do."""


def main() -> int:
    """Make what is missing; returns 0, or 1 after one clear sentence."""
    try:
        make_environments()
    except SetUpFailed as error:
        print(f"Set-up stopped: {error}", file=sys.stderr)
        return 1
    return 0


def make_environments() -> None:
    """Make or refresh both environments; raises SetUpFailed."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpFailed(
            f"this is Python {sys.version.split()[0]}; install Python 3.11 or newer and run it again."
        )
    if not _is_current(*APPLICATION):
        print("[1/2] Installing the application (a minute on a first run) …", flush=True)
        _install(*APPLICATION, python=sys.executable)
    if not _is_current(*ENGINE):
        print("[2/2] Installing the engine: Rasa, spaCy (about 3 GB on disk) …", flush=True)
        _install(*ENGINE, python=find_engine_python())


def _is_current(environment: Path, lock: Path) -> bool:
    stamp = environment / "lock.sha256"
    return stamp.is_file() and stamp.read_text() == _checksum(lock)


def _checksum(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _install(environment: Path, lock: Path, python: str) -> None:
    uv = find_uv()
    if not (environment / "bin" / "python").exists():
        _run([uv, "venv", "--quiet", "--clear", "--python", python, str(environment)], "make an environment")
    command = [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", str(environment / "bin/python")]
    _run([*command, str(lock)], f"install {lock.relative_to(ROOT)}")
    (environment / "lock.sha256").write_text(_checksum(lock))


def find_uv() -> str:
    """uv from the PATH, or installed into a folder of the project."""
    on_path = shutil.which("uv")
    if on_path:
        return on_path
    local = TOOLS / "bin" / "uv"
    if not local.exists():
        print("      uv is not installed: putting it into .tools/ …", flush=True)
        _run([sys.executable, "-m", "venv", str(TOOLS)], "make .tools (is the venv module installed?)")
        install = [str(TOOLS / "bin/python"), "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"]
        _run(install, "install uv (is the network up?)")
    return str(local)


def find_engine_python() -> str:
    """A Python 3.10: on the PATH, among pyenv's versions, or fetched by uv. Raises SetUpFailed."""
    for candidate in _candidates():
        if _is_python_310(candidate):
            return candidate
    fetched = subprocess.run([find_uv(), "python", "install", "--quiet", "3.10"], capture_output=True)
    if fetched.returncode == 0:
        return "3.10"
    raise SetUpFailed(
        "Python 3.10 was not found, and it could not be fetched. Rasa needs exactly this version: "
        "install it (for example `pyenv install 3.10`) so that `python3.10` works, then run it again."
    )


def _candidates() -> Iterator[str]:
    on_path = shutil.which("python3.10")
    if on_path:
        yield on_path
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from (str(path) for path in sorted(versions.glob("3.10.*/bin/python3.10"), reverse=True))


def _is_python_310(candidate: str) -> bool:
    """Ask it: a pyenv shim of this name exists even where the version is not to be had."""
    check = "import sys; sys.exit(sys.version_info[:2] != (3, 10))"
    try:
        return subprocess.run([candidate, "-c", check], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(command: list[str], purpose: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise SetUpFailed(f"could not {purpose}: {last}")


if __name__ == "__main__":
    sys.exit(main())
