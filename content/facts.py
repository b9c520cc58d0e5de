"""The facts that answers may stand on: `facts.yml`, one line each with where it was read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from content.files import read_file

FACTS = Path(__file__).parent / "facts.yml"


@dataclass(frozen=True)
class Fact:
    """One fact: its id, what it says in a line, and the addresses where it was read (none for S)."""

    id: str
    says: str
    read_at: list[str]


def read_facts(path: Path = FACTS) -> dict[str, Fact]:
    """Return the facts by id; raises ContentUnreadable."""
    content = read_file(path.parent, Path(path.name)).content
    return {id: Fact(id, entry["says"], list(entry.get("read_at") or [])) for id, entry in content.items()}
