"""Whether the assistant learns: answers by week, the time a lesson takes, which answers help or sleep."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.clock import Clock, utc_now
from clinic.numbers import NumbersTable
from clinic.storage import tables
from clinic.storage.database import Database
from clinic.topic_figures import TopicFiguresReader

PERIODS = (4, 12, 26, 52)  # weeks
MOST_TOPICS = 15
_HOUR = timedelta(hours=1)
_DECISIONS = ("answer", "clarify", "fallback")
Rows = list[tuple[str, tuple[int, ...]]]


class Learning:
    """Counts for whole weeks of the clinic, from Monday, that end with the present one."""

    def __init__(self, database: Database, zone: ZoneInfo, now: Clock = utc_now) -> None:
        self._database = database
        self._zone = zone
        self._now = now

    def count(self, weeks: int, live_topics: Sequence[str]) -> dict[str, NumbersTable]:
        """Return all tables by name; `live_topics` are the intents that visitors may be answered with.

        The first column of each table is the one to draw, but of `helped`, where both are.
        Raises `StorageUnavailable`, `ValueError` on another period.
        """
        if weeks not in PERIODS:
            raise ValueError(f"not a period: {weeks} weeks")
        today = self._now().astimezone(self._zone).date()
        monday = today - timedelta(days=today.weekday())
        mondays = [monday - timedelta(weeks=back) for back in reversed(range(weeks))]
        with self._database.transaction(read_only=True) as session:
            found = [
                _answered_rate(session, mondays),
                self._time_to_live(session, mondays),
                _asleep(session, mondays, live_topics),
            ]
        found.insert(2, self._helped())
        return {table.name: table for table in found}

    def counted_since(self) -> date | None:
        """Return the first day that is counted; None before the first message."""
        with self._database.transaction(read_only=True) as session:
            return session.scalar(select(func.min(tables.TopicDay.day)))

    def _time_to_live(self, session: Session, mondays: list[date]) -> NumbersTable:
        """From the first time a wording was not answered until it was live, by the week it became live."""
        outcome, entry = tables.UnansweredOutcome, tables.UnansweredEntry
        start = datetime.combine(mondays[0], datetime.min.time(), self._zone)
        query = (
            select(outcome.live_at, func.min(entry.asked_at))
            .join(entry, entry.question_id == outcome.question_id)
            .where(outcome.live_at >= start)
            .group_by(outcome.question_id, outcome.live_at)
        )
        hours: dict[date, list[float]] = defaultdict(list)
        for live_at, asked_at in session.execute(query):
            if live_at is not None:
                hours[_monday_of(live_at.astimezone(self._zone).date())].append((live_at - asked_at) / _HOUR)
        rows: Rows = [
            (day.isoformat(), (round(median(hours[day])) if hours[day] else 0, len(hours[day])))
            for day in mondays
        ]
        return NumbersTable("time_to_live", ("median_hours", "wordings"), rows)

    def _helped(self) -> NumbersTable:
        """Verdicts on the answers of each topic, those that helped least first."""
        figures = TopicFiguresReader(self._database, self._now).count()
        judged = {topic: one for topic, one in figures.items() if one.helped or one.did_not_help}
        order = sorted(judged, key=lambda topic: (-judged[topic].did_not_help, judged[topic].helped, topic))
        rows: Rows = [(topic, (judged[topic].helped, judged[topic].did_not_help)) for topic in order]
        return NumbersTable("helped", ("helped", "did_not_help"), rows[:MOST_TOPICS])


def _answered_rate(session: Session, mondays: list[date]) -> NumbersTable:
    day = tables.TopicDay
    query = select(day.day, day.decision, func.sum(day.number)).where(day.day >= mondays[0])
    counts: dict[str, Counter[date]] = {name: Counter() for name in _DECISIONS}
    for asked_on, decision, number in session.execute(query.group_by(day.day, day.decision)):
        counts[decision][_monday_of(asked_on)] += number
    rows: Rows = []
    for monday in mondays:
        numbers = tuple(counts[name][monday] for name in _DECISIONS)
        percent = round(100 * numbers[0] / sum(numbers)) if sum(numbers) else 0
        rows.append((monday.isoformat(), (percent, *numbers)))
    columns = ("answered_percent", "answered", "clarified", "not_understood")
    return NumbersTable("answered_rate", columns, rows)


def _asleep(session: Session, mondays: list[date], live_topics: Sequence[str]) -> NumbersTable:
    """Live topics that nobody was answered with in the period: whole weeks since, 0 when never counted."""
    day = tables.TopicDay
    query = select(day.topic, func.max(day.day)).where(day.decision == "answer").group_by(day.topic)
    last = {topic: asked_on for topic, asked_on in session.execute(query)}
    asleep = [topic for topic in live_topics if topic not in last or last[topic] < mondays[0]]
    weeks = {
        topic: (mondays[-1] - _monday_of(last[topic])).days // 7 if topic in last else 0 for topic in asleep
    }
    rows: Rows = [(topic, (weeks[topic],)) for topic in sorted(asleep, key=lambda one: (weeks[one], one))]
    return NumbersTable("asleep", ("weeks_since",), rows)


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
