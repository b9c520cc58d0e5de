"""Puts wordings of the inbox that mean the same together, some time after they were collected.

While the engine is down, wordings stand in the inbox by themselves and get their vector in a later round. A
new wording takes over what was decided about its cluster when that was one thing for all of it: what is
ignored stays ignored, however it is asked.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from clinic.storage import tables
from clinic.storage.database import Database
from clinic.wording_clusters import Clusters, Numbers, read_numbers, read_vector, write_vector
from clinic.wording_encoder import AT_ONCE, Vectors, VectorsUnavailable

LOG = logging.getLogger("clinic.inbox")
BREATH_SECONDS = 0.1  # between two calls, so that visitors' turns come first at the engine


class Encoder(Protocol):
    """What gives vectors (see `clinic.wording_encoder`)."""

    def encode(self, wordings: list[str]) -> Vectors:
        """Return the vectors of AT_ONCE wordings at most. Raises `VectorsUnavailable`."""


@dataclass
class _Known:
    """The wordings that have a vector of one encoder, read once for many new ones."""

    encoder: str
    clusters: Clusters = field(default_factory=Clusters)
    placed: set[str] = field(default_factory=set)


class InboxClusters:
    """Does some of the work at a time. Raises `StorageUnavailable`."""

    def __init__(self, database: Database, encoder: Encoder, breath_seconds: float = BREATH_SECONDS) -> None:
        self._database = database
        self._encoder = encoder
        self._breath = breath_seconds
        self._encoder_name: str | None = None

    def place_all(self) -> int:
        """Give every wording without a vector its place; return how many got one.

        An engine that is down is asked again in the next round.
        """
        placed, known = 0, None
        while waiting := self._next_waiting():
            try:
                vectors = self._encoder.encode(list(waiting.values()))
            except VectorsUnavailable as error:
                LOG.warning("wordings wait for their vectors: %s", error)
                return placed
            self._encoder_name = vectors.encoder
            if known is None or known.encoder != vectors.encoder:
                known = self._read_known(vectors.encoder)
            rows = dict(zip(waiting, map(read_numbers, vectors.rows), strict=True))
            count = self._place(known, rows)
            if count is None:
                known = None  # another process was at work: look again
            placed += count or 0
            time.sleep(self._breath)
        return placed

    def _next_waiting(self) -> dict[str, str]:
        """Return the next wordings without a vector of the present encoder, by id; also after a new model."""
        question = tables.UnansweredQuestion
        waits: ColumnElement[bool] = question.vector.is_(None)
        if self._encoder_name is not None:
            waits = or_(waits, question.encoder != self._encoder_name)
        query = select(question.id, question.text).where(waits)
        with self._database.transaction(read_only=True) as session:
            found = session.execute(query.order_by(question.id).limit(AT_ONCE))
            return {question_id: text for question_id, text in found}

    def _read_known(self, encoder: str) -> _Known:
        question = tables.UnansweredQuestion
        query = select(question.id, question.cluster_id, question.vector).where(question.encoder == encoder)
        known = _Known(encoder)
        with self._database.transaction(read_only=True) as session:
            for question_id, cluster, vector in session.execute(query.order_by(question.id)):
                known.clusters.add(str(cluster), read_vector(str(vector)))
                known.placed.add(question_id)
        return known

    def _place(self, known: _Known, rows: dict[str, Numbers]) -> int | None:
        """Store the vectors and clusters; None when `known` is no longer what is stored. Others wait."""
        question = tables.UnansweredQuestion
        with self._database.transaction() as session:
            chosen = select(question).where(question.id.in_(rows)).order_by(question.id)
            found = session.scalars(chosen.with_for_update()).all()
            stored = set(session.scalars(select(question.id).where(question.encoder == known.encoder)))
            if stored - known.placed:
                return None
            states = _read_states(session)
            for row in found:
                vector = rows[row.id]
                cluster = known.clusters.find(vector)
                if cluster is None:
                    cluster = row.id
                elif row.state == "open" and len(states[cluster]) == 1:
                    row.state = next(iter(states[cluster]))
                states[cluster].add(row.state)
                row.vector, row.encoder, row.cluster_id = write_vector(vector), known.encoder, cluster
                known.clusters.add(cluster, vector)
                known.placed.add(row.id)
            return len(found)


def _read_states(session: Session) -> dict[str, set[str]]:
    question = tables.UnansweredQuestion
    states: dict[str, set[str]] = defaultdict(set)
    query = select(question.cluster_id, question.state).where(question.cluster_id.is_not(None)).distinct()
    for cluster, state in session.execute(query):
        states[str(cluster)].add(state)
    return states
