"""Counts what messages were taken for, day by day, so that a trend is still there when they are deleted."""

from __future__ import annotations

from collections import Counter
from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.storage import tables

COUNTED = ("answer", "clarify", "fallback")


class TopicCounter:
    """Adds messages to the counts of `topic_days`, each once: call it with what makes sure of that."""

    def __init__(self, zone: tzinfo) -> None:
        """Take the zone in which a day begins at midnight."""
        self._zone = zone

    def add(self, session: Session, message_ids: list[str]) -> None:
        """Count these messages in the caller's transaction."""
        line, day = tables.Message, tables.TopicDay
        query = select(line.created_at, line.topic, line.decision).where(
            line.id.in_(message_ids), line.decision.in_(COUNTED), line.topic.is_not(None)
        )
        counts = Counter(
            (at.astimezone(self._zone).date(), str(topic), str(decision))
            for at, topic, decision in session.execute(query)
        )
        for key, number in sorted(counts.items()):
            row = session.get(day, key, with_for_update=True)
            if row is None:
                session.add(day(day=key[0], topic=key[1], decision=key[2], number=number))
            else:
                row.number += number
