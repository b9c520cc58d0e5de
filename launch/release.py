"""Hands the turns over to the engines of another release without a failed turn.

The other set of engines has the release loaded already, loads it in place, or starts with it; is asked for a
whole turn and for the canary questions; and is then named to the web processes. The set before stays loaded.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from clinic.settings import Settings
from content.releases import Release, Releases, State, verify, write_whole
from launch.engine_calls import load_release, loaded_release
from launch.first_release import program_checksum
from launch.groups import current_group, engine_addresses, engine_ports, other_group
from launch.supervisor_calls import Supervisor
from launch.watch import http_probe

READY_WITHIN_SECONDS = 240
# The web processes look at the file every second, and a turn takes five seconds at most: after this long no
# turn can be under way at the old engines, whatever the web processes say.
DRAINED_WITHIN_SECONDS = 20.0
Check = Callable[[list[str]], None]


class ReleaseNotSwitched(Exception):
    """The new engines did not come up; the old ones go on as if nothing had happened."""


class HandOver:
    """One hand-over, in two steps so that what is between them can be told."""

    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        """Take the settings and the running supervisord."""
        self._settings = settings
        self._supervisor = supervisor
        self._releases = Releases(settings.releases_directory)
        self._old = current_group(settings)
        self._new = other_group(self._old)

    def prepare(self, release: Release, check: Check) -> None:
        """Have `release` loaded in the set of engines that takes no turns, and let `check` ask them.

        Raises ReleaseDamaged, ReleaseNotSwitched, or what `check` raises; the release before is then loaded
        again, and no turn has gone to the new engines.
        """
        if release.note.program != program_checksum():
            raise ReleaseNotSwitched(f"release {release.id} was made with another version of the program")
        verify(release)
        try:
            self._load(release)
            check(engine_addresses(self._settings, self._new))
        except BaseException:
            self.keep_previous_warm()
            raise

    def _load(self, release: Release) -> None:
        if self._runs(release):
            return
        self._place(release)
        if not self._come_up(release):
            self._supervisor.stop_group(self._new)
            raise ReleaseNotSwitched("the new engines did not answer; the old ones go on")

    def _place(self, release: Release) -> None:
        """Give `release` to the set that takes no turns: in place where it runs, else at a start.

        The state is written first, so that an engine that dies meanwhile comes back with this release.
        """
        state = self._releases.state()
        is_assigned = state.groups.get(self._new) == release.id
        if not is_assigned:
            self._releases.set_state(replace(state, groups={**state.groups, self._new: release.id}))
        addresses = engine_addresses(self._settings, self._new)
        if self._on_each(addresses, lambda address: load_release(self._settings, address, release.id)):
            return
        # nobody answers and it is theirs already: they are just starting with it, and only waited for
        if not is_assigned or any(loaded_release(self._settings, address) for address in addresses):
            self._supervisor.stop_group(self._new)
        self._supervisor.start_group(self._new)

    def _on_each(self, addresses: list[str], ask: Callable[[str], bool]) -> bool:
        with ThreadPoolExecutor(len(addresses)) as threads:
            return all(list(threads.map(ask, addresses)))

    def _runs(self, release: Release) -> bool:
        """Say whether every engine of the set has this release and takes a whole turn."""
        probe, settings = http_probe(self._settings), self._settings
        return all(
            loaded_release(settings, settings.own_engine_url(port)) == release.id
            and probe(self._new, str(port))
            for port in engine_ports(settings, self._new)
        )

    def _come_up(self, release: Release) -> bool:
        return _wait_until(lambda: self._runs(release), READY_WITHIN_SECONDS)

    def switch(self, release: Release) -> bool:
        """Send new turns to the prepared engines; returns whether all web processes said so in time.

        Both files are written first and put in place together: a full disk shows before anything has changed.
        """
        state = self._releases.state()
        groups = {**state.groups, self._new: release.id}
        settled = self._releases.prepare_state(State(release.id, state.live, groups))
        addresses = engine_addresses(self._settings, self._new)
        draft = _draft_of(self._settings.engines_file, addresses)
        os.replace(draft, self._settings.engines_file)
        os.replace(settled, settled.with_suffix(""))
        is_drained = _wait_until(lambda: self._is_drained(addresses), DRAINED_WITHIN_SECONDS)
        if not self._settings.warm_engines:
            self._supervisor.stop_group(self._old)
        return is_drained

    def _is_drained(self, addresses: list[str]) -> bool:
        """Say whether every web process uses the new engines alone and has no turn under way elsewhere."""
        running = [info["pid"] for info in self._supervisor.processes() if info["group"] == "web"]
        places = [self._settings.engines_read_directory / str(process) for process in running if process]
        return all(_read_lines(place) == addresses for place in places)

    def keep_previous_warm(self) -> None:
        """Let the set that takes no turns load the release before the live one, for a fast way back."""
        state = self._releases.state()
        warm = state.previous if self._settings.warm_engines else None
        if warm is not None and self._runs(self._releases.find(warm)):
            return
        if warm is None:
            self._supervisor.stop_group(self._new)
        else:
            self._place(self._releases.find(warm))


def _wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Look until the condition holds; returns False when the time is over first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)  # between two looks at a condition that has a deadline
    return True


def name_engines(settings: Settings, addresses: list[str]) -> None:
    """Tell this machine's web processes which engines take turns; the file appears whole or not at all."""
    os.replace(_draft_of(settings.engines_file, addresses), settings.engines_file)


def _draft_of(path: Path, lines: list[str]) -> Path:
    return write_whole(path.with_suffix(".new"), "\n".join(lines))


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except OSError:
        return []
