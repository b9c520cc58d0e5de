"""One turn of a conversation: keep what the visitor said, ask the engine, keep and return the replies."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

from clinic.conversations import Conversation, ConversationNotFound, Conversations, Message, NewReply
from clinic.engine_ids import engine_id_at
from clinic.leads import LeadNotFound, Leads
from clinic.logs import FIELDS
from content.responses import Responses
from web.chat.engine import EngineReply, EngineTurn, EngineUnavailable
from web.chat.engine_pool import EnginePool
from web.chat.turn import Outcome, Said, TurnCounter, TurnResult, as_new_reply
from web.chat.turnstile import Lane, TooManyTurns, Turnstile
from web.storage_calls import call_storage

LOG = logging.getLogger("clinic.web.turns")


class Turns:
    """Takes the turns of all conversations."""

    def __init__(
        self,
        conversations: Conversations,
        leads: Leads,
        engine: EnginePool,
        notices: Callable[[], Responses],
        turnstile: Turnstile,
        counter: TurnCounter,
        budget_seconds: float,
    ) -> None:
        """Take where things are kept, the engines, the notices, and the longest time a turn may take."""
        self._conversations = conversations
        self._leads = leads
        self._engine = engine
        self._notices = notices
        self._budget = budget_seconds
        self._turnstile = turnstile
        self._counter = counter
        self._under_way: dict[tuple[str, str], asyncio.Task[TurnResult]] = {}

    async def take(self, conversation: Conversation, said: Said) -> TurnResult:
        """Return the replies to `said`; a message sent twice is taken once, also when both are under way.

        Raises ConversationNotFound when it was forgotten meanwhile, StorageUnavailable when nothing is kept.
        """
        key = (conversation.id, said.client_message_id)
        task = self._under_way.get(key)
        if task is None:
            # A task of its own: the turn ends in good order also when the visitor closes the page.
            task = self._under_way[key] = asyncio.create_task(self._take(conversation, said))
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(task)

    def _finish(self, key: tuple[str, str], task: asyncio.Task[TurnResult]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # seen here, so that asyncio does not print it when the visitor has left

    async def _take(self, conversation: Conversation, said: Said) -> TurnResult:
        started = asyncio.get_running_loop().time()
        lane = self._turnstile.lane(conversation.id)
        if self._turnstile.is_full(lane):
            return await self._turn_away(conversation, said, started)
        accepted = await call_storage(
            self._conversations.accept_message,
            conversation.id,
            said.client_message_id,
            said.text,
            said.kind,
        )
        if accepted.replies:
            return TurnResult(accepted.replies, accepted.message.state == "unanswered")
        asked = asyncio.get_running_loop().time()
        # Held until the replies are kept, so that the next turn of this conversation comes after them.
        async with AsyncExitStack() as held:
            deadline = started + self._budget
            outcome = await self._ask_engine(conversation, accepted.message, said, lane, deadline, held)
            if said.was_masked:
                outcome.replies.append(self._notice("notice_number_masked"))
            replied = asyncio.get_running_loop().time()
            messages = await call_storage(
                self._conversations.record_replies,
                conversation.id,
                accepted.message.id,
                outcome.replies,
                outcome.understood,
                outcome.answered,
            )
        self._count(outcome, asyncio.get_running_loop().time() - started, replied - asked)
        return TurnResult(messages, not outcome.answered)

    async def _turn_away(self, conversation: Conversation, said: Said, started: float) -> TurnResult:
        """Keep the message and say at once that too many people are asking."""
        outcome = self._give_notice("notice_busy")
        if said.was_masked:
            outcome.replies.append(self._notice("notice_number_masked"))
        kept = await call_storage(
            self._conversations.turn_away,
            conversation.id,
            said.client_message_id,
            said.text,
            said.kind,
            outcome.replies,
        )
        self._count(outcome, asyncio.get_running_loop().time() - started, 0.0)
        return TurnResult(kept.replies, kept.message.state == "unanswered")

    def _count(self, outcome: Outcome, seconds: float, engine_seconds: float) -> None:
        decision = (outcome.understood or {}).get("decision")
        self._counter.count_turn(outcome.name, decision, seconds, engine_seconds)
        taken = {"outcome": outcome.name, "decision": decision, "milliseconds": round(seconds * 1000)}
        LOG.info("turn", extra={FIELDS: {**taken, "engine_milliseconds": round(engine_seconds * 1000)}})

    async def _ask_engine(
        self,
        conversation: Conversation,
        message: Message,
        said: Said,
        lane: Lane,
        deadline: float,
        held: AsyncExitStack,
    ) -> Outcome:
        """Ask within the deadline; whatever goes wrong becomes a notice, never silence."""
        try:
            async with asyncio.timeout_at(deadline):
                await held.enter_async_context(self._turnstile.pass_through(lane))
                if lane.is_closed:
                    raise ConversationNotFound
                engine_id = engine_id_at(conversation.engine_id, message.position)
                turn = await self._engine.take_turn(engine_id, message.id, message.text, said.choice)
        except TooManyTurns:
            return self._give_notice("notice_busy")
        except (EngineUnavailable, TimeoutError) as error:
            LOG.warning("engine gave no answer: %s", str(error) or type(error).__name__)
            return self._give_notice("notice_unanswered")
        return await self._check_saved(conversation, turn)

    async def _check_saved(self, conversation: Conversation, turn: EngineTurn) -> Outcome:
        """Replace every reply that claims a saved request which is not in the leads table."""
        replies: list[NewReply] = []
        name = "answered"
        for reply in turn.replies:
            if await self._is_true(conversation, reply):
                replies.append(as_new_reply(reply))
            else:
                LOG.error("the engine claimed a saved request that is not stored")
                name = "notice_not_saved"
                replies.append(self._notice(name))
        return Outcome(replies, turn.understood, name)

    async def _is_true(self, conversation: Conversation, reply: EngineReply) -> bool:
        if reply.lead_reference is None:
            return reply.kind != "saved"
        try:
            lead = await call_storage(self._leads.find_by_reference, reply.lead_reference)
        except LeadNotFound:
            return False
        return lead.conversation_id == conversation.id

    def _give_notice(self, name: str) -> Outcome:
        return Outcome([self._notice(name)], None, name)

    def _notice(self, name: str) -> NewReply:
        notice = self._notices().find(name)
        return NewReply(
            kind=notice.kind, text=notice.text, choices=[], sources=[], ask=None, lead_reference=None
        )

    async def forget(self, conversation: Conversation) -> str:
        """Delete the conversation after the turn that is under way; returns the engine's id of it."""
        lane = self._turnstile.lane(conversation.id)
        async with lane.lock:
            engine_id = await call_storage(self._conversations.forget, conversation.id)
            lane.is_closed = True
        return engine_id
