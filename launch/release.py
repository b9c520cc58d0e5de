"""Switches to the engines of a new release without a failed turn; the old ones stay until the new ones work.

`python -m launch.release` after the new model is in place: starts the other set of engines, asks each for a
whole turn, names them to the web processes, lets the turns under way end, and stops the old set.
"""

from __future__ import annotations

import os
import sys
import time

from clinic.settings import Settings
from launch.supervisor_calls import Supervisor, socket_path
from launch.watch import http_probe

GROUPS = ("engine", "engine-next")
NEXT_PORT_STEP = 100
READY_WITHIN_SECONDS = 240
# The web processes look at the file every second, and a turn takes five seconds at most.
DRAIN_SECONDS = 8.0


class ReleaseNotSwitched(Exception):
    """The new engines did not come up; the old ones go on as if nothing had happened."""


def engine_ports(settings: Settings, group: str) -> list[int]:
    """Return the ports of a set of engines."""
    first = settings.engine_port + (NEXT_PORT_STEP if group == "engine-next" else 0)
    return list(range(first, first + settings.engines))


def current_group(settings: Settings) -> str:
    """Return the set of engines that takes turns now."""
    try:
        named = settings.engines_file.read_text("utf-8")
    except OSError:
        return GROUPS[0]
    return "engine-next" if f":{engine_ports(settings, 'engine-next')[0]}" in named else GROUPS[0]


def switch_release(settings: Settings, supervisor: Supervisor) -> str:
    """Start the other set of engines and hand over to it; returns its name. Raises ReleaseNotSwitched."""
    old = current_group(settings)
    new = next(group for group in GROUPS if group != old)
    supervisor.start_group(new)
    if not _come_up(settings, new):
        supervisor.stop_group(new)
        raise ReleaseNotSwitched("the new engines did not answer; the old ones go on")
    name_engines(settings, [settings.own_engine_url(port) for port in engine_ports(settings, new)])
    time.sleep(DRAIN_SECONDS)
    supervisor.stop_group(old)
    return new


def _come_up(settings: Settings, group: str) -> bool:
    probe = http_probe(settings)
    waiting = [str(port) for port in engine_ports(settings, group)]
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while waiting and time.monotonic() < deadline:
        waiting = [name for name in waiting if not probe(group, name)]
        time.sleep(0.5 if waiting else 0)  # between two looks at a condition that has a deadline
    return not waiting


def name_engines(settings: Settings, addresses: list[str]) -> None:
    """Tell this machine's web processes which engines take turns; the file appears whole or not at all."""
    draft = settings.engines_file.with_suffix(".new")
    draft.write_text("\n".join(addresses) + "\n", "utf-8")
    os.replace(draft, settings.engines_file)


def main() -> int:
    """Switch; returns 0, or 1 after one clear sentence."""
    settings = Settings()
    try:
        group = switch_release(settings, Supervisor(socket_path(settings)))
    except OSError as error:
        print(f"Not switched: nothing runs here ({error.strerror}). `make run` starts it.", file=sys.stderr)
        return 1
    except ReleaseNotSwitched as error:
        print(f"Not switched: {error}.", file=sys.stderr)
        return 1
    print(f"The new release takes the turns now ({group}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
