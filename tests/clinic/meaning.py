"""An encoder whose meaning can be read: wordings with the same word in capitals mean the same."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from clinic.wording_encoder import Vectors, VectorsUnavailable


@dataclass
class ScriptedEncoder:
    """Wordings without a word in capitals mean something of their own. `is_down`: no engine answers."""

    name: str = "scripted"
    size: int = 32
    is_down: bool = False

    def encode(self, wordings: list[str]) -> Vectors:
        if self.is_down:
            raise VectorsUnavailable("planted")
        return Vectors(self.name, [self._vector(wording) for wording in wordings])

    def _vector(self, wording: str) -> list[float]:
        found = re.search(r"\b[A-Z]{3,}\b", wording)
        digest = hashlib.sha256((found[0] if found else wording).encode()).digest()
        signs = [1.0 if byte & 1 else -1.0 for byte in digest[: self.size]]
        return [sign / self.size**0.5 for sign in signs]
