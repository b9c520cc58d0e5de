"""Looks after processes that live but do not work: supervisord sees a dead one, not a hung one.

Every three seconds each process is asked to do what it is for (the engine takes a whole turn). One that was
well and fails three times in a row is killed, and supervisord starts it anew: a hang is over within 15 s.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from clinic.keys import resolve_engine_secret
from clinic.logs import set_up_logging
from clinic.settings import Settings
from launch.supervisor_calls import Supervisor, socket_path

LOG = logging.getLogger("clinic.watch")
LOOK_SECONDS = 3.0
ANSWER_SECONDS = 3.0
FAILURES_IN_A_ROW = 3
# A process that was never well since its start gets this long; the engine loads its model meanwhile.
START_SECONDS = 60
ENGINE_START_SECONDS = 240
ENGINE_GROUPS = ("engine", "engine-next")
# the publisher works for minutes without answering anybody, and nobody waits for it
UNWATCHED = ("watch", "publisher")

Probe = Callable[[str, str], bool]


class Watch:
    """Remembers how often each process failed in a row, and tells which ones hang."""

    def __init__(self) -> None:
        self._failures: dict[int, int] = {}
        self._was_well: set[int] = set()

    def record(self, process: int, is_well: bool, may_still_start: bool) -> bool:
        """Note one look at a process (its id); returns whether it is to be killed."""
        if is_well:
            self._was_well.add(process)
            self._failures[process] = 0
            return False
        self._failures[process] = self._failures.get(process, 0) + 1
        if may_still_start and process not in self._was_well:
            return False
        if self._failures[process] < FAILURES_IN_A_ROW:
            return False
        self._failures[process] = 0  # killed once; supervisord needs a moment to see it
        return True

    def knows(self, process: int) -> bool:
        """Tell whether this process was seen to work."""
        return process in self._was_well

    def forget_others(self, processes: set[int]) -> None:
        """Drop what is known of processes that are gone."""
        self._was_well &= processes
        self._failures = {process: count for process, count in self._failures.items() if process in processes}


def look(supervisor: Supervisor, watch: Watch, probe: Probe) -> list[str]:
    """Ask every running process once, kill those that hang, and return their names."""
    running = [
        info
        for info in supervisor.processes()
        if info["statename"] in ("RUNNING", "STARTING") and info["pid"] and info["group"] not in UNWATCHED
    ]
    with ThreadPoolExecutor(max_workers=max(1, len(running))) as threads:
        results = list(threads.map(lambda info: probe(info["group"], info["name"]), running))
    hung = []
    for info, is_well in zip(running, results, strict=True):
        patience = ENGINE_START_SECONDS if info["group"] in ENGINE_GROUPS else START_SECONDS
        name = f"{info['group']}:{info['name']}"
        if is_well and not watch.knows(info["pid"]):
            LOG.info("%s works, process %d", name, info["pid"])
        if watch.record(info["pid"], is_well, may_still_start=info["now"] - info["start"] < patience):
            hung.append(name)
    watch.forget_others({info["pid"] for info in running})
    for process in hung:
        LOG.error("%s does not work; it is killed and starts anew", process)
        supervisor.kill(process)
    return hung


def http_probe(settings: Settings) -> Probe:
    """Return what asks a process over HTTP whether it works."""
    secret = {"authorization": f"Bearer {resolve_engine_secret(settings)}"}

    def probe(group: str, name: str) -> bool:
        address = probe_address(settings, group, name)
        try:
            return httpx.get(address, headers=secret, timeout=ANSWER_SECONDS).status_code == 200
        except httpx.HTTPError:
            return False

    return probe


def probe_address(settings: Settings, group: str, name: str) -> str:
    """Return the address that shows whether a process works; an engine is named by its port."""
    if group in ENGINE_GROUPS:
        return f"{settings.own_engine_url(int(name))}/webhooks/gateway/health/deep"
    if group == "actions":
        return f"{settings.own_actions_url}/health"
    # live, not ready: a broken database or engine is not mended by a new web process
    return f"{settings.own_url}/health/live"


def main() -> None:
    """Look for ever."""
    set_up_logging()
    settings = Settings()
    supervisor, watch, probe = Supervisor(socket_path(settings)), Watch(), http_probe(settings)
    while True:
        started = time.monotonic()
        look(supervisor, watch, probe)
        time.sleep(max(0.0, LOOK_SECONDS - (time.monotonic() - started)))


if __name__ == "__main__":
    main()
