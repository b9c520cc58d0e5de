"""Locks of conversations in Redis, for several engines that share their memory.

Rasa's own Redis locks stay for ever when an engine dies in a turn, and without Redis no turn goes on. These
end by themselves, and without Redis each engine locks for itself: the gateway already sends the messages of
a conversation one after the other, to one engine.
"""

from __future__ import annotations

import json
import logging
from typing import Optional, Text

import redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockStore
from rasa.utils.endpoints import EndpointConfig

logger = logging.getLogger(__name__)
ANSWER_SECONDS = 0.5


class SharedLockStore(LockStore):
    """Named in endpoints.yml, with the address of Redis."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self.redis = redis.StrictRedis.from_url(endpoint_config.url, socket_timeout=ANSWER_SECONDS)
        self.here = InMemoryLockStore()
        super().__init__()

    def get_lock(self, conversation_id: Text) -> Optional[TicketLock]:
        """Return the lock of a conversation, if it has one."""
        try:
            stored = self.redis.get(_key(conversation_id))
        except redis.RedisError as error:
            _report(error)
            return self.here.get_lock(conversation_id)
        return TicketLock.from_dict(json.loads(stored)) if stored else None

    def save_lock(self, lock: TicketLock) -> None:
        """Keep a lock until a while after its last ticket ends."""
        self.here.save_lock(lock)
        try:
            self.redis.set(_key(lock.conversation_id), lock.dumps(), ex=LOCK_LIFETIME * 2)
        except redis.RedisError as error:
            _report(error)

    def delete_lock(self, conversation_id: Text) -> None:
        """Delete the lock of a conversation."""
        self.here.delete_lock(conversation_id)
        try:
            self.redis.delete(_key(conversation_id))
        except redis.RedisError as error:
            _report(error)


def _key(conversation_id: Text) -> Text:
    return f"engine-lock:{conversation_id}"


def _report(error: Exception) -> None:
    logger.warning("Redis does not answer (%s); this engine locks for itself", type(error).__name__)
