"""Puts the chat API together and adds it to the application."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sanic import Blueprint, Sanic

from clinic.contact_withdrawal import ContactWithdrawal
from content.responses import Responses, read_responses
from web.chat.choices import ChoiceTokens
from web.chat.forgetting import Forgetting
from web.chat.openapi import BASE, describe_api
from web.chat.routes import ChatApi
from web.chat.turns import Turns
from web.chat.turnstile import Turnstile
from web.chat.withdrawals import VisitorWithdrawals
from web.shared_state import ConversationLocks

NOTICES = Path(__file__).with_name("notices.yml")
# For each engine. It takes them one after the other, so more would only queue there, out of sight, and make
# a health check wait so long that a busy engine looks like a hung one.
TURNS_AT_ONCE = 4


def setup_chat(app: Sanic[Any, Any]) -> None:
    """Add the operations of the chat API."""
    forgetting = Forgetting(app.ctx.engine)
    api = _build_api(app, forgetting)
    blueprint = Blueprint("chat", url_prefix=BASE)
    blueprint.add_route(api.start_session, "/sessions", methods=["POST"], name="start_session")
    blueprint.add_route(api.forget_session, "/sessions", methods=["DELETE"], name="forget_session")
    blueprint.add_route(api.withdraw_consent, "/consent", methods=["DELETE"], name="withdraw_consent")
    blueprint.add_route(api.send_message, "/messages", methods=["POST"], name="send_message")
    blueprint.add_route(api.list_messages, "/messages", methods=["GET"], name="list_messages")
    blueprint.add_route(api.give_feedback, "/feedback", methods=["POST"], name="give_feedback")
    blueprint.add_route(api.describe, "/openapi.json", methods=["GET"], name="describe")
    app.blueprint(blueprint)

    async def stop_forgetting(app: Sanic[Any, Any]) -> None:
        await forgetting.stop()

    app.register_listener(stop_forgetting, "before_server_stop")


def _build_turnstile(app: Sanic[Any, Any]) -> Turnstile:
    settings = app.ctx.settings
    at_once = TURNS_AT_ONCE * len(settings.engine_addresses)
    if not settings.redis_url:
        return Turnstile(at_once)
    locks = ConversationLocks(settings.redis_url, settings.engine_budget_seconds)

    async def close_locks(app: Sanic[Any, Any]) -> None:
        await locks.close()

    app.register_listener(close_locks, "after_server_stop")
    return Turnstile(at_once, hold_everywhere=locks.hold)


def _build_api(app: Sanic[Any, Any], forgetting: Forgetting) -> ChatApi:
    context, settings = app.ctx, app.ctx.settings
    turnstile, notices = _build_turnstile(app), read_responses([NOTICES], {})
    context.metrics.watch_queue(lambda: turnstile.waiting, lambda: turnstile.under_way)

    def read_notices() -> Responses:
        return notices.filled_with(context.live.now.profile.placeholders())

    turns = Turns(
        conversations=context.conversations,
        leads=context.leads,
        engine=context.engine,
        notices=read_notices,
        turnstile=turnstile,
        counter=context.metrics,
        budget_seconds=settings.engine_budget_seconds,
    )
    return ChatApi(
        conversations=context.conversations,
        turns=turns,
        tokens=ChoiceTokens(context.signing_key),
        forgetting=forgetting,
        withdrawals=VisitorWithdrawals(
            ContactWithdrawal(context.database), context.conversations, read_notices
        ),
        welcome=lambda: context.live.now.welcome,
        description=describe_api(settings.public_url, settings.maximum_message_length),
        lifetime=timedelta(days=settings.session_days),
        text_limit=settings.maximum_message_length,
    )
