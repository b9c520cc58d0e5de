"""The chat API's operations. Each reads and checks the request, then hands over to the part that does it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sanic import Request
from sanic.response import HTTPResponse, empty, json

from clinic.conversations import Conversation, Conversations, NewReply
from clinic.masking import mask_numbers
from clinic.storage.database import StorageUnavailable
from content.responses import Response
from web.chat.bodies import clean_text, read_body, read_position, strip_page
from web.chat.choices import ChoiceTokens
from web.chat.forgetting import Forgetting
from web.chat.models import FeedbackRequest, MessageRequest, SessionRequest
from web.chat.turn import Said, TurnResult
from web.chat.turns import Turns
from web.chat.views import MessageViews
from web.chat.withdrawals import VisitorWithdrawals
from web.errors import Refusal
from web.storage_calls import call_storage

# Nobody waits longer than five seconds without seeing something, whatever part hangs.
TURN_SECONDS = 4.6


class ChatApi:
    """The operations, with the parts they need."""

    def __init__(
        self,
        conversations: Conversations,
        turns: Turns,
        tokens: ChoiceTokens,
        forgetting: Forgetting,
        withdrawals: VisitorWithdrawals,
        welcome: Callable[[], Response],
        description: dict[str, Any],
        lifetime: timedelta,
        text_limit: int,
    ) -> None:
        """Take the parts, the welcome of now, OpenAPI description, a session's lifetime, a text's limit."""
        self._conversations = conversations
        self._turns = turns
        self._tokens = tokens
        self._views = MessageViews(tokens)
        self._forgetting = forgetting
        self._withdrawals = withdrawals
        self._welcome = welcome
        self._description = description
        self._lifetime = lifetime
        self._text_limit = text_limit

    async def start_session(self, request: Request) -> HTTPResponse:
        """Start a conversation and return its token with the welcome; needs no engine."""
        request.app.ctx.limits.check(request, "session")
        body = read_body(request, SessionRequest)
        started = await call_storage(self._conversations.start, strip_page(body.page), self._lifetime)
        said = as_reply(self._welcome())
        welcome = await call_storage(self._conversations.add_assistant_message, started.id, said)
        return json(
            {
                "token": started.token,
                "expires_at": started.expires_at.isoformat(),
                "messages": self._views.show(started.id, [welcome]),
            },
            status=201,
        )

    async def send_message(self, request: Request) -> HTTPResponse:
        """Take one message of the visitor and return the assistant's replies."""
        request.app.ctx.limits.check(request, "message")
        body = read_body(request, MessageRequest)
        conversation = await self._find_conversation(request)
        request.app.ctx.limits.check_conversation(conversation.id)
        result = await self._take_turn(conversation, self._read_said(conversation, body))
        shown = self._views.show(conversation.id, result.messages)
        return json({"messages": shown, "limited": result.limited})

    async def _take_turn(self, conversation: Conversation, said: Said) -> TurnResult:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                return await self._turns.take(conversation, said)
        except TimeoutError:
            # The turn goes on by itself; sent again, the message gets its result.
            raise StorageUnavailable("the turn could not be stored in time") from None

    async def list_messages(self, request: Request) -> HTTPResponse:
        """Return both sides' messages after a position, so that a visitor can come back later."""
        position = read_position(request)
        conversation = await self._find_conversation(request)
        messages = await call_storage(self._conversations.messages_after, conversation.id, position)
        return json({"messages": self._views.show(conversation.id, messages)})

    async def give_feedback(self, request: Request) -> HTTPResponse:
        """Keep whether an answer helped."""
        request.app.ctx.limits.check(request, "message")
        body = read_body(request, FeedbackRequest)
        conversation = await self._find_conversation(request)
        await call_storage(
            self._conversations.give_feedback, conversation.id, body.message_id, body.verdict, body.reason
        )
        return empty()

    async def forget_session(self, request: Request) -> HTTPResponse:
        """Delete the conversation here, and see to it that the engine forgets it too."""
        conversation = await self._find_conversation(request)
        self._forgetting.start(await self._turns.forget(conversation))
        return empty()

    async def withdraw_consent(self, request: Request) -> HTTPResponse:
        """Note that the visitor must not be contacted about what they sent in this conversation."""
        request.app.ctx.limits.check(request, "message")
        conversation = await self._find_conversation(request)
        request.app.ctx.limits.check_conversation(conversation.id)
        said = await call_storage(self._withdrawals.record, conversation.id)
        return json({"messages": self._views.show(conversation.id, [said])})

    async def describe(self, request: Request) -> HTTPResponse:
        """Return the OpenAPI description."""
        return json(self._description)

    async def _find_conversation(self, request: Request) -> Conversation:
        if not request.token:
            raise Refusal("session_missing")
        return await call_storage(self._conversations.find_by_token, request.token)

    def _read_said(self, conversation: Conversation, body: MessageRequest) -> Said:
        if (body.text is None) == (body.choice is None):
            raise Refusal("bad_request")
        if body.choice is not None:
            choice = self._tokens.read(conversation.id, body.choice)
            return Said(body.client_message_id, choice.title, choice)
        typed = clean_text(body.text or "", self._text_limit)
        kept = mask_numbers(typed)
        return Said(body.client_message_id, kept, was_masked=kept != typed)


def as_reply(said: Response) -> NewReply:
    """Return a sentence of the content files as a message of the assistant."""
    choices = [dataclasses.asdict(choice) for choice in said.choices]
    return NewReply(kind=said.kind, text=said.text, choices=choices)
