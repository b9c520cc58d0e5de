"""A visitor takes back, in the chat, that the clinic may contact them."""

from __future__ import annotations

from collections.abc import Callable

from clinic.contact_withdrawal import ContactWithdrawal
from clinic.conversations import Conversations, Message, NewReply
from content.responses import Responses


class VisitorWithdrawals:
    """Records them and says so in the conversation."""

    def __init__(
        self,
        withdrawal: ContactWithdrawal,
        conversations: Conversations,
        notices: Callable[[], Responses],
    ) -> None:
        """Take where withdrawals and messages are kept, and what gives the words as they are now."""
        self._withdrawal = withdrawal
        self._conversations = conversations
        self._notices = notices

    def record(self, conversation_id: str) -> Message:
        """Mark the requests sent in the conversation; return the line that says so, or that there are none.

        Raises `ConversationNotFound`, `StorageUnavailable`.
        """
        found = self._withdrawal.record_of_visitor(conversation_id)
        notice = self._notices().find("notice_contact_withdrawn" if found else "notice_no_request")
        reply = NewReply(kind=notice.kind, text=notice.text)
        return self._conversations.add_assistant_message(conversation_id, reply)
