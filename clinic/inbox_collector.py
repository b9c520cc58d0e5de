"""Collects into the inbox what visitors asked and did not get answered well.

Run as a process of its own: `python -m clinic.inbox_collector`. It looks at stored messages some minutes
after they were said, so no visitor's turn waits for it. What was collected is found again by its id: a second
run over the same messages changes nothing, and two processes can share the work.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.background import work_in_rounds
from clinic.clock import Clock, utc_now
from clinic.heartbeat import Heartbeats
from clinic.inbox_clusters import InboxClusters
from clinic.inbox_talks import Asked, read_disliked, read_messages
from clinic.keys import resolve_signing_key
from clinic.logs import set_up_logging
from clinic.profile import load_profile
from clinic.settings import Settings
from clinic.storage import tables
from clinic.storage.columns import new_id
from clinic.storage.database import Database
from clinic.topic_days import TopicCounter
from clinic.unanswered import hash_wording, in_one_spelling
from clinic.wording_encoder import WordingEncoder

NAME = "inbox"
PAUSE_SECONDS = 30.0
# By then a visitor has taken one of the options or will not, and has said whether the answer helped.
SETTLED_AFTER = timedelta(minutes=10)
AT_ONCE = 100  # rows of one transaction: the database is locked for some milliseconds only
BREATH_SECONDS = 0.1  # between two transactions, so that a long backlog stalls nobody who writes
SOURCES: dict[str, type[tables.Message] | type[tables.Feedback]] = {
    "messages": tables.Message,
    "verdicts": tables.Feedback,
}
Place = tuple[datetime, str]  # when a row was made, and its id


class InboxCollector:
    """Does some of the work at a time. Raises `StorageUnavailable`."""

    def __init__(
        self, database: Database, signing_key: str, now: Clock = utc_now, zone: tzinfo = UTC
    ) -> None:
        """Take the database, the key of the wordings' hashes, and the zone whose days are counted by."""
        self._database = database
        self._counter = TopicCounter(zone)
        self._signing_key = signing_key
        self._heartbeats = Heartbeats(database, now)
        self._now = now

    def collect_all(self) -> int:
        """Look at everything that is settled and not looked at yet; return how many entries are new."""
        found = 0
        for source in SOURCES:
            while (entries := self._collect(source)) is not None:
                found += entries
                time.sleep(BREATH_SECONDS)
        self._heartbeats.beat(NAME)
        return found

    def _collect(self, source: str) -> int | None:
        """Look at the next rows; return how many entries are new, None when there are no more rows.

        Reading and masking need no lock; only what is found is written in a transaction that others wait for.
        """
        with self._database.transaction(read_only=True) as session:
            before = session.get(tables.InboxProgress, source)
            place = (before.at, before.row_id) if before else None
            rows = self._next_rows(session, source, place)
            if not rows:
                return None
            ids = [row_id for _, row_id in rows]
            read = read_messages if source == "messages" else read_disliked
            asked = {one.id: one for one in read(session, ids) if in_one_spelling(one.text)}
        try:
            with self._database.transaction() as session:
                progress = session.get(tables.InboxProgress, source, with_for_update=True)
                if (progress and (progress.at, progress.row_id)) != place:
                    return 0  # another process was here meanwhile
                progress = progress or tables.InboxProgress(name=source)
                progress.at, progress.row_id = rows[-1]
                session.add(progress)
                session.flush()  # another process that began at the same place stops here, before it counts
                if source == "messages":
                    self._counter.add(session, ids)
                return self._add(session, asked)
        except IntegrityError:
            return 0  # two processes began at the same place: the next look sees what the other one did

    def _next_rows(self, session: Session, source: str, place: Place | None) -> list[Place]:
        kind = SOURCES[source]
        query = select(kind.created_at, kind.id).where(kind.created_at <= self._now() - SETTLED_AFTER)
        if place is not None:
            query = query.where(tuple_(kind.created_at, kind.id) > place)
        found = session.execute(query.order_by(kind.created_at, kind.id).limit(AT_ONCE))
        return [(created_at, row_id) for created_at, row_id in found]

    def _add(self, session: Session, asked: dict[str, Asked]) -> int:
        """Add the entries, given by their ids; return how many are new. Others wait meanwhile.

        A visitor's verdict replaces the reason that was found before.
        """
        row, entry = tables.Conversation, tables.UnansweredEntry
        named = {one.conversation_id for one in asked.values()}
        stored = set(
            session.scalars(select(row.id).where(row.id.in_(named)))
        )  # others were forgotten just now
        known = {one.id: one for one in session.scalars(select(entry).where(entry.id.in_(asked)))}
        new = []
        for one in asked.values():
            if one.id in known:
                if one.reason == "disliked":
                    known[one.id].reason = one.reason
            elif one.conversation_id in stored:
                new.append(one)
        questions = self._find_questions(session, new)
        session.add_all(
            entry(
                id=one.id,
                question_id=questions[self._key(one)],
                visitor_key=one.visitor_key,
                reason=one.reason,
                understood=one.understood,
                asked_at=one.asked_at,
            )
            for one in new
        )
        return len(new)

    def _find_questions(self, session: Session, asked: list[Asked]) -> dict[str, str]:
        """Return the id of each wording's question by its key; those not known yet are made."""
        question = tables.UnansweredQuestion
        texts = {self._key(one): one.text for one in reversed(asked)}
        query = select(question.key, question.id).where(question.key.in_(texts))
        found = {key: question_id for key, question_id in session.execute(query)}
        made = [question(id=new_id(), key=key, text=text) for key, text in texts.items() if key not in found]
        session.add_all(made)
        session.flush()
        return found | {row.key: row.id for row in made}

    def _key(self, asked: Asked) -> str:
        return hash_wording(asked.text, self._signing_key)


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    set_up_logging()
    settings = Settings()
    database = Database(settings.resolved_database_url, keys=settings.keys_directory)
    zone = ZoneInfo(load_profile(settings.profile_path).time_zone)
    collector = InboxCollector(database, resolve_signing_key(settings), zone=zone)
    clusters = InboxClusters(database, WordingEncoder(settings))

    def work() -> None:
        collector.collect_all()
        clusters.place_all()

    work_in_rounds(work, PAUSE_SECONDS, "the inbox waits")
    database.close()


if __name__ == "__main__":
    main()
