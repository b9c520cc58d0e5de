"""Runs a process that works in rounds until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable

from clinic.storage.failures import StorageUnavailable

LOG = logging.getLogger("clinic.background")


def work_in_rounds(work: Callable[[], object], pause_seconds: float, what_waits: str) -> None:
    """Call `work` again and again, `pause_seconds` apart, until SIGTERM or SIGINT.

    A database that is away for a while is waited for; the log then says that `what_waits`.
    """
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.is_set():
        try:
            work()
        except StorageUnavailable as error:
            LOG.error("%s: %s", what_waits, error)
        stopped.wait(pause_seconds)
