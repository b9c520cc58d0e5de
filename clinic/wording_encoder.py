"""Asks the engine for what its sentence encoder makes of wordings. The engine keeps nothing of them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass

from clinic.engine_addresses import read_engine_addresses
from clinic.keys import resolve_engine_secret
from clinic.settings import Settings

AT_ONCE = 16  # as many as the engine takes in one call (engine/sentence_vectors.py)
_PATH = "/webhooks/gateway/vectors"
_TIMEOUT_SECONDS = 20


class VectorsUnavailable(Exception):
    """No engine gave vectors; the message names the reason, never a wording."""


@dataclass(frozen=True)
class Vectors:
    """One vector of length 1 for each wording, and the name of the encoder they are of."""

    encoder: str
    rows: list[list[float]]


class WordingEncoder:
    """The engines of this installation, as far as vectors are concerned."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings: they say where the engines are, and the secret they share."""
        self._settings = settings
        self._secret = resolve_engine_secret(settings)
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def encode(self, wordings: list[str]) -> Vectors:
        """Return the vectors of AT_ONCE wordings at most. Raises `VectorsUnavailable`."""
        reason = "there is no engine"
        for address in read_engine_addresses(self._settings):
            try:
                return _read_answer(self._ask(address, wordings), len(wordings))
            except urllib.error.HTTPError as error:
                error.close()
                reason = f"status {error.code}"
            except (OSError, ValueError, KeyError, TypeError) as error:
                reason = type(error).__name__
        raise VectorsUnavailable(reason)

    def _ask(self, address: str, wordings: list[str]) -> bytes:
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        body = json.dumps({"texts": wordings}).encode()
        request = urllib.request.Request(address + _PATH, data=body, headers=headers, method="POST")
        with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            answer: bytes = response.read()
            return answer


def _read_answer(answer: bytes, count: int) -> Vectors:
    told = json.loads(answer)
    rows = [[float(number) for number in row] for row in told["vectors"]]
    if len(rows) != count or len({len(row) for row in rows}) != 1 or not rows[0]:
        raise ValueError("not as many vectors as wordings")
    return Vectors(str(told["encoder"]), rows)
