"""Breaks one part of the running system at a time, in every way a part can break."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Protocol

from tests.faults.history import History
from tests.system.running_system import RunningSystem

LONGEST_STOP_SECONDS = 6.0
BEHAVIOURS = ("empty", "error_500", "not_json", "wrong_shape", "slow", "hang")


class Broken(Protocol):
    """What a nemesis needs of a running system."""

    def process_ids(self) -> list[tuple[str, int]]: ...


class Nemesis:
    """Injects faults into processes one after the other and notes each in the history."""

    def __init__(self, system: Broken, history: History, seed: int) -> None:
        self._system, self._history, self._random = system, history, random.Random(seed)
        self._faults: list[Callable[[], str]] = [self._kill, self._kill, self._terminate, self._pause]

    def strike(self) -> None:
        """Inject one fault, of a kind and at a part chosen by chance."""
        self._history.faults.append(self._random.choice(self._faults)())

    def _choose(self) -> tuple[str, int]:
        part = self._random.choice(("web", "engine", "actions"))
        processes = [pid for name, pid in self._system.process_ids() if name.split(":")[0] == part]
        if part == "web":
            self._history.begin_web_trouble()
        return part, self._random.choice(processes) if processes else 0

    def _signal(self, process: int, number: signal.Signals) -> None:
        if process:  # none while supervisord waits before the next start
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _kill(self) -> str:
        part, process = self._choose()
        self._signal(process, signal.SIGKILL)
        return f"kill {part}"

    def _terminate(self) -> str:
        part, process = self._choose()
        self._signal(process, signal.SIGTERM)
        return f"terminate {part}"

    def _pause(self) -> str:
        """Stop a process for a while: it lives, its port is open, and it does nothing."""
        part, process = self._choose()
        seconds = self._random.uniform(0.5, LONGEST_STOP_SECONDS)
        self._signal(process, signal.SIGSTOP)
        time.sleep(seconds)
        self._signal(process, signal.SIGCONT)
        return f"pause {part} for {seconds:.1f} s"


class OneMachineNemesis(Nemesis):
    """Also locks the SQLite file and, with the scripted engine, makes it answer garbage."""

    def __init__(self, system: RunningSystem, history: History, seed: int, scripted: bool = True) -> None:
        super().__init__(system, history, seed)
        self._folder = system.folder
        self._faults.append(self._lock_database)
        if scripted:
            self._faults += [self._garble_engine, self._garble_engine]

    def _lock_database(self) -> str:
        seconds = self._random.uniform(0.5, 6.0)
        path = self._folder / "clinic.db"
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")
        return f"lock the database for {seconds:.1f} s"

    def _garble_engine(self) -> str:
        behaviour = self._random.choice(BEHAVIOURS)
        seconds = self._random.uniform(0.5, 4.0)
        path = self._folder / "engine-behaviour"
        path.write_text(behaviour)
        time.sleep(seconds)
        path.write_text("answers")
        return f"engine: {behaviour} for {seconds:.1f} s"
