"""A long conversation goes on under a new id, with everything the assistant has been told.

What Rasa reads, copies and checks in a turn grows with the events of the conversation. The gateway therefore
names a conversation `abc`, later `abc.1`, `abc.2` (the clinic's side decides when). The first message under a
new id takes over the details given, an open request included, and leaves the old events behind.
"""

from __future__ import annotations

from typing import Optional

from rasa.core.agent import Agent
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker


def earlier_id(conversation: str) -> Optional[str]:
    """The id before this one: `abc` for `abc.1`, `abc.1` for `abc.2`; none for `abc`."""
    first, _, number = conversation.partition(".")
    if not number.isdigit() or int(number) < 1:
        return None
    return f"{first}.{int(number) - 1}" if int(number) > 1 else first


async def continue_conversation(agent: Agent, conversation: str) -> None:
    """Give a conversation that is new under this id what it knew under the one before."""
    earlier = earlier_id(conversation)
    if earlier is None:
        return
    async with agent.lock_store.lock(conversation):
        if await agent.tracker_store.retrieve(conversation) is not None:
            return
        old = await agent.tracker_store.retrieve(earlier)
        # after an hour's pause Rasa starts afresh, so that a shared computer does not keep a name
        if old is not None and not agent.processor._has_session_expired(old):
            await agent.tracker_store.save(_continued(old, conversation, agent))


def _continued(old: DialogueStateTracker, conversation: str, agent: Agent) -> DialogueStateTracker:
    tracker = DialogueStateTracker(conversation, agent.domain.slots)
    told = {name: slot.value for name, slot in old.slots.items() if slot.value != slot.initial_value}
    # made in this order: an event takes its time when it is made, and the store reads back by time
    events = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    events += [ActiveLoop(old.active_loop_name)] if old.active_loop_name else []
    events += [SlotSet(name, value) for name, value in told.items()]
    for event in [*events, ActionExecuted(ACTION_LISTEN_NAME)]:
        tracker.update(event, agent.domain)
    return tracker
