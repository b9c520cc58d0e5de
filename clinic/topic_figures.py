"""How often each question was asked and what visitors thought of the answers, for the content team."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from clinic.clock import Clock, utc_now
from clinic.storage import tables
from clinic.storage.database import Database

PERIOD = timedelta(days=90)


@dataclass(frozen=True)
class TopicFigures:
    """Of one intent in the period: times answered, and verdicts "helped" and "did not help"."""

    asked: int = 0
    helped: int = 0
    did_not_help: int = 0


class TopicFiguresReader:
    """Counts by intent. Raises `StorageUnavailable`."""

    def __init__(self, database: Database, now: Clock = utc_now) -> None:
        self._database = database
        self._now = now

    def count(self, period: timedelta = PERIOD) -> dict[str, TopicFigures]:
        """Return the figures of every intent that was asked in the last `period`."""
        since = self._now() - period
        line = tables.Message
        asked = (
            select(line.topic, func.count())
            .where(line.created_at >= since, line.decision == "answer", line.topic.is_not(None))
            .group_by(line.topic)
        )
        reply = aliased(tables.Message)
        verdicts = (
            select(line.topic, tables.Feedback.verdict, func.count())
            .join(reply, reply.id == tables.Feedback.message_id)
            .join(line, line.id == reply.in_reply_to)
            .where(line.created_at >= since, line.topic.is_not(None))
            .group_by(line.topic, tables.Feedback.verdict)
        )
        counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        with self._database.transaction(read_only=True) as session:
            for topic, number in session.execute(asked):
                counts[str(topic)]["asked"] = number
            for topic, verdict, number in session.execute(verdicts):
                counts[str(topic)][verdict] = number
        return {
            topic: TopicFigures(found["asked"], found["up"], found["down"]) for topic, found in counts.items()
        }
