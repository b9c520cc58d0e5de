"""The ids under which the engine knows a conversation: one for each stretch of about forty turns.

What the engine reads back for a turn grows with every turn, so a long conversation becomes slow. It goes on
under a new id before that: `abc`, then `abc.1`, `abc.2`. The id follows from the position of a message
alone, so every process, and a retry after a crash, comes to the same one.
"""

from __future__ import annotations

LINES_PER_ID = 100  # lines of both sides; a turn is two or three of them


def engine_id_at(engine_id: str, position: int) -> str:
    """Return the engine's id of a conversation for the line at `position` (1 is the first)."""
    stretch = position // LINES_PER_ID
    return f"{engine_id}.{stretch}" if stretch else engine_id


def first_engine_id(engine_id: str) -> str:
    """Return the id a conversation began with, by which it is stored."""
    return engine_id.partition(".")[0]
