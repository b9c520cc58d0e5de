"""A circuit breaker: after a row of failures an engine is left alone until it proves to be well."""

from __future__ import annotations


class Breaker:
    """Opens after `failures` in a row; whoever checks the engine's health closes it again.

    Michael Nygard, "Release It!", chapter on stability patterns; here the probe is a health check, so that
    no visitor's message has to be the one that finds out.
    """

    def __init__(self, failures: int = 5) -> None:
        """Take how many failures in a row open it."""
        self._limit = failures
        self._in_a_row = 0
        self.is_open = False

    def record_failure(self) -> None:
        """Count one failure."""
        self._in_a_row += 1
        if self._in_a_row >= self._limit:
            self.is_open = True

    def record_success(self) -> None:
        """Forget the failures."""
        self._in_a_row = 0
        self.is_open = False
