"""What happened in the last days, counted: conversations, answers, topics, requests, first calls.

Everything is counted on the clinic's calendar. A table holds numbers only, never a name or a text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, distinct, func, or_, select
from sqlalchemy.orm import Session

from clinic.clock import Clock, utc_now
from clinic.storage import tables
from clinic.storage.database import Database

PERIODS = (14, 30, 90)  # days
UNITS = ("day", "week")
_MOST_TOPICS = 10
_FIRST_CALL = (("1_hour", timedelta(hours=1)), ("4_hours", timedelta(hours=4)), ("1_day", timedelta(days=1)))


@dataclass(frozen=True)
class NumbersTable:
    """One table: `columns` names the numbers of a row; a row is a label and those numbers.

    A label is an ISO date (the Monday of a week), the name of a topic, or the name of a step.
    """

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[str, tuple[int, ...]]]

    @property
    def total(self) -> int:
        """The sum of all numbers."""
        return sum(sum(values) for _, values in self.rows)


class Numbers:
    """Counts for a period that ends today."""

    def __init__(self, database: Database, zone: ZoneInfo, now: Clock = utc_now) -> None:
        self._database = database
        self._zone = zone
        self._now = now

    def count(self, days: int, unit: str) -> dict[str, NumbersTable]:
        """Return all tables by name for the last `days` days, per day or per week.

        Raises `StorageUnavailable`, `ValueError` on another period or unit.
        """
        if unit not in UNITS or days not in PERIODS:
            raise ValueError(f"not a period: {days} days by {unit}")
        today = self._now().astimezone(self._zone).date()
        calendar = _Calendar(self._zone, today, days, unit)
        with self._database.transaction(read_only=True) as session:
            found = [count(session, calendar) for count in _TABLES]
        return {table.name: table for table in found}


class _Calendar:
    """The days or weeks of a period on the clinic's calendar."""

    def __init__(self, zone: ZoneInfo, today: date, days: int, unit: str) -> None:
        self._zone = zone
        self._step = 7 if unit == "week" else 1
        first = self._start_of(today - timedelta(days=days - 1))
        self.start = datetime.combine(first, time(0), zone)
        offsets = range(0, (today - first).days + 1, self._step)
        self._labels = [(first + timedelta(days=offset)).isoformat() for offset in offsets]

    def label(self, moment: datetime) -> str:
        """Return the label of the day or week that `moment` is in."""
        return self._start_of(moment.astimezone(self._zone).date()).isoformat()

    def rows(self, counts: dict[str, Counter[str]]) -> list[tuple[str, tuple[int, ...]]]:
        """Return one row for each label with its number from each count."""
        return [(label, tuple(count[label] for count in counts.values())) for label in self._labels]

    def _start_of(self, day: date) -> date:
        return day - timedelta(days=day.weekday()) if self._step == 7 else day


def _conversations(session: Session, calendar: _Calendar) -> NumbersTable:
    started = tables.Conversation.started_at
    moments = session.scalars(select(started).where(started >= calendar.start))
    counts = {"conversations": Counter(calendar.label(moment) for moment in moments)}
    return NumbersTable("conversations", tuple(counts), calendar.rows(counts))


def _understanding(session: Session, calendar: _Calendar) -> NumbersTable:
    line = tables.Message
    counts = {name: Counter[str]() for name in ("answer", "clarify", "fallback")}
    query = select(line.decision, line.created_at).where(
        line.created_at >= calendar.start, line.decision.in_(counts)
    )
    for decision, at in session.execute(query):
        counts[str(decision)][calendar.label(at)] += 1
    columns = ("answered", "clarified", "not_understood")
    return NumbersTable("understanding", columns, calendar.rows(counts))


def _topics(session: Session, calendar: _Calendar) -> NumbersTable:
    line, number = tables.Message, func.count()
    query = (
        select(line.topic, number)
        .where(line.created_at >= calendar.start, line.decision == "answer", line.topic.is_not(None))
        .group_by(line.topic)
        .order_by(number.desc(), line.topic)
        .limit(_MOST_TOPICS)
    )
    rows: list[tuple[str, tuple[int, ...]]] = [
        (str(topic), (count,)) for topic, count in session.execute(query)
    ]
    return NumbersTable("topics", ("questions",), rows)


def _urgent(session: Session, calendar: _Calendar) -> NumbersTable:
    line = tables.Message
    counts = {name: Counter[str]() for name in ("emergency", "crisis", "same_day")}
    query = select(line.urgent, line.created_at).where(
        line.created_at >= calendar.start, line.urgent.in_(counts), line.author == "visitor"
    )
    for urgent, at in session.execute(query):
        counts[str(urgent)][calendar.label(at)] += 1
    return NumbersTable("urgent", tuple(counts), calendar.rows(counts))


def _requests(session: Session, calendar: _Calendar) -> NumbersTable:
    lead = tables.Lead
    counts = {name: Counter[str]() for name in ("chat", "contact_form")}
    query = select(lead.source, lead.created_at).where(
        lead.created_at >= calendar.start, lead.merged_into_id.is_(None)
    )
    for source, at in session.execute(query):
        counts[str(source)][calendar.label(at)] += 1
    return NumbersTable("requests", tuple(counts), calendar.rows(counts))


def _first_calls(session: Session, calendar: _Calendar) -> NumbersTable:
    """How long each request of the period waited for its first call."""
    lead = tables.Lead
    counts = {name: Counter[str]() for name in (*dict(_FIRST_CALL), "later", "not_yet")}
    query = select(lead.created_at, lead.first_called_at).where(
        lead.created_at >= calendar.start, lead.merged_into_id.is_(None), lead.suspected_spam.is_(False)
    )
    for created_at, called_at in session.execute(query):
        counts[_speed(created_at, called_at)][calendar.label(created_at)] += 1
    return NumbersTable("first_call", tuple(counts), calendar.rows(counts))


def _speed(created_at: datetime, called_at: datetime | None) -> str:
    if called_at is None:
        return "not_yet"
    waited = called_at - created_at
    return next((name for name, limit in _FIRST_CALL if waited <= limit), "later")


def _funnel(session: Session, calendar: _Calendar) -> NumbersTable:
    """From the first look to a booked visit, for conversations and chat requests of the period."""
    conversation, line, lead = tables.Conversation, tables.Message, tables.Lead

    def conversations_with(*conditions: ColumnElement[bool]) -> int:
        query = (
            select(func.count(distinct(line.conversation_id)))
            .join(conversation, conversation.id == line.conversation_id)
            .where(conversation.started_at >= calendar.start, *conditions)
        )
        return session.scalar(query) or 0

    def leads_with(*conditions: ColumnElement[bool]) -> int:
        of_period = (lead.created_at >= calendar.start, lead.source == "chat", lead.merged_into_id.is_(None))
        return session.scalar(select(func.count(lead.id)).where(*of_period, *conditions)) or 0

    opened = select(func.count(conversation.id)).where(conversation.started_at >= calendar.start)
    steps = {
        "opened": session.scalar(opened) or 0,
        "asked": conversations_with(line.author == "visitor"),
        "offered": conversations_with(or_(line.offers_request, line.ask.is_not(None))),
        "started": conversations_with(line.ask.is_not(None)),
        "sent": leads_with(),
        "reached": leads_with(lead.reached_at.is_not(None)),
        "booked": leads_with(lead.state == "booked"),
    }
    return NumbersTable("funnel", ("people",), [(name, (count,)) for name, count in steps.items()])


_TABLES = (_conversations, _understanding, _topics, _urgent, _requests, _first_calls, _funnel)
