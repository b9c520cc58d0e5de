"""Signed button tokens: a button can only be pressed in the conversation it was offered in."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeSerializer
from pydantic import BaseModel, JsonValue, ValidationError

from web.errors import Refusal


class Choice(BaseModel):
    """What a button stands for: its title, the engine's intent and the values that go with it."""

    title: str
    intent: str
    values: dict[str, JsonValue] = {}


class ChoiceTokens:
    """Signs choices for one conversation and reads them back."""

    def __init__(self, signing_key: str) -> None:
        """Take the key that signs."""
        self._signing_key = signing_key

    def sign(self, conversation_id: str, choice: Choice) -> str:
        """Return the token of `choice`, valid in the conversation only."""
        return str(self._signer(conversation_id).dumps(choice.model_dump()))

    def read(self, conversation_id: str, token: str) -> Choice:
        """Return the choice of `token`; raises Refusal choice_not_valid for a forged or foreign one."""
        try:
            return Choice.model_validate(self._signer(conversation_id).loads(token))
        except (BadData, ValidationError) as error:
            raise Refusal("choice_not_valid") from error

    def _signer(self, conversation_id: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._signing_key, salt=f"choice:{conversation_id}")
