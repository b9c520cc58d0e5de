"""`make publish`, `make rollback`, `make releases`: the console's buttons on the command line."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from clinic.settings import Settings
from content.publishing import AlreadyPublishing, Progress, Request
from content.releases import Releases
from launch.publish import Publisher
from launch.supervisor_calls import Supervisor, socket_path


def main() -> int:
    """Publish from the command line; returns 0, or 1 after clear sentences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--who", default="", help="your name, kept with the release")
    parser.add_argument("--why", default="", help="what this release is for")
    parser.add_argument("--override", default="", help="publish in spite of a refusal, for this reason")
    parser.add_argument("--release", default="", help="roll back to this release instead of publishing")
    parser.add_argument("--list", action="store_true", help="only list the kept releases")
    given = parser.parse_args()
    if given.list:
        print(list_releases(Releases(Settings().releases_directory)))
        return 0
    if not (given.who.strip() and given.why.strip()):
        print('Say who and why: make publish WHO="your name" WHY="what it is for".', file=sys.stderr)
        return 1
    action: Any = "roll_back" if given.release else "publish"
    return run_request(Request(action, given.who, "system", given.why, given.override, given.release))


def run_request(request: Request) -> int:
    """Carry out a request and print how it went; returns 0 when it is live."""
    settings = Settings()
    try:
        progress = Publisher(settings, request, Supervisor(socket_path(settings))).run()
    except AlreadyPublishing:
        print("Something is being published now. Try again when it has ended.", file=sys.stderr)
        return 1
    print(describe(progress))
    return 0 if progress.outcome in ("published", "rolled_back") else 1


def describe(progress: Progress) -> str:
    """Return a finished request in lines."""
    steps = []
    for step in progress.steps:
        seconds = "" if step.seconds is None else f"{step.seconds:.1f} s"
        steps.append(f"  {step.name:14} {step.state:8} {seconds:>8}  {step.told}")
    ending = f"{progress.outcome.replace('_', ' ')}: {progress.told} {progress.advice}".rstrip()
    return "\n".join([*steps, *(f"  - {finding}" for finding in progress.findings), ending, progress.release])


def list_releases(releases: Releases) -> str:
    """Return the kept releases, newest first, one a line."""
    state = releases.state()
    marks = {state.previous: "previous", state.live: "live"}
    lines = []
    for release in releases.kept():
        made, mark, note = release.made_at, marks.get(release.id, ""), release.note
        lines.append(f"{release.id}  {made:%Y-%m-%d %H:%M}  {mark:8}  {note.kind:7}  {note.by}: {note.why}")
    return "\n".join(lines) or "There is no release yet. `make run` makes the first one."


if __name__ == "__main__":
    sys.exit(main())
