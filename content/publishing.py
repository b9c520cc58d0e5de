"""What the console and the publisher tell each other: one request at a time, and how far it has come.

Files in var/publishing/: `request.json` from the console, `progress.json` and `log.txt` from the publisher,
and `lock`, which is held while something is published or rolled back.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from content.comparison import Comparison, read_comparison
from content.releases import write_whole

Outcome = Literal["running", "published", "rolled_back", "refused", "failed"]
StepState = Literal["waiting", "running", "done", "failed", "skipped"]
STEPS = (
    "lint",
    "model",
    "conversations",
    "evaluation",
    "comparison",
    "approval",
    "engines",
    "canaries",
    "switch",
)
# Whoever only looks whether the lock is held holds it for a moment too.
LOCK_SECONDS = 1.0


class AlreadyPublishing(Exception):
    """Something is being published or rolled back, or was just asked for."""


@dataclass(frozen=True)
class Request:
    """What a person asks for. actor: a staff id or "system"; release: where to roll back to."""

    action: Literal["publish", "roll_back"]
    by: str
    actor: str
    why: str
    override: str = ""
    release: str = ""


@dataclass
class Step:
    """One step and what it told. seconds: how long it took, None until it has ended."""

    name: str
    state: StepState = "waiting"
    told: str = ""
    seconds: float | None = None


@dataclass
class Progress:
    """How far a request has come. `told` says what happened, `advice` what to do."""

    request: Request
    started_at: str
    steps: list[Step]
    outcome: Outcome = "running"
    told: str = ""
    advice: str = ""
    release: str = ""
    ended_at: str = ""
    findings: list[str] = field(default_factory=list)


def begin_progress(request: Request) -> Progress:
    """Return the progress of a request that begins now."""
    names = STEPS if request.action == "publish" else ("engines", "canaries", "switch")
    return Progress(request, datetime.now(UTC).isoformat(), [Step(name) for name in names])


class PublishingDesk:
    """The folder var/publishing."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when something is written."""
        self.folder = folder
        self.log = folder / "log.txt"

    def ask(self, request: Request) -> None:
        """Leave a request for the publisher; raises AlreadyPublishing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.is_busy():
            raise AlreadyPublishing
        draft = write_whole(self.folder / f"request.{os.getpid()}.new", json.dumps(asdict(request)))
        try:
            os.link(draft, self.folder / "request.json")  # whole, and only when there is none yet
        except FileExistsError:
            raise AlreadyPublishing from None
        finally:
            draft.unlink()

    def take_request(self) -> Request | None:
        """Return the waiting request and remove it; None when there is none."""
        path = self.folder / "request.json"
        if not path.is_file():
            return None
        request = Request(**json.loads(path.read_text("utf-8")))
        path.unlink()
        return request

    def has_request(self) -> bool:
        """Say whether a request waits for the publisher."""
        return (self.folder / "request.json").is_file()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock meanwhile; raises AlreadyPublishing. It ends with the process, however that ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            deadline = time.monotonic() + LOCK_SECONDS
            while not _lock(lock, fcntl.LOCK_EX):
                if time.monotonic() > deadline:
                    raise AlreadyPublishing
                time.sleep(0.02)  # between two tries that have a deadline
            yield

    def is_busy(self) -> bool:
        """Say whether something is being published or rolled back."""
        try:
            with (self.folder / "lock").open("r") as lock:
                return not _lock(lock, fcntl.LOCK_SH)
        except FileNotFoundError:
            return False

    def write(self, progress: Progress) -> None:
        """Keep how far it has come."""
        draft = write_whole(self.folder / "progress.new", json.dumps(asdict(progress), ensure_ascii=False))
        os.replace(draft, self.folder / "progress.json")

    def keep_comparison(self, comparison: Comparison) -> None:
        """Keep the comparison of the draft that is being published, also when it is refused."""
        text = json.dumps(comparison.as_json(), ensure_ascii=False)
        os.replace(write_whole(self.folder / "comparison.new", text), self.folder / "comparison.json")

    def comparison(self) -> Comparison | None:
        """Return the latest draft's comparison; None when none was made."""
        try:
            return read_comparison(json.loads((self.folder / "comparison.json").read_text("utf-8")))
        except FileNotFoundError:
            return None

    def read(self) -> Progress | None:
        """Return how far the latest request has come; None when there was none."""
        try:
            kept = json.loads((self.folder / "progress.json").read_text("utf-8"))
        except FileNotFoundError:
            return None
        kept["request"] = Request(**kept["request"])
        kept["steps"] = [Step(**step) for step in kept["steps"]]
        return Progress(**kept)


def _lock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
