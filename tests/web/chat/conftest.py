"""The chat's tests send many messages from one address: no rate limit here, it has its own tests."""

from __future__ import annotations

import pytest

from clinic.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings without a limit that the tests could meet."""
    return settings.model_copy(
        update={
            "message_limit": "1000/minute",
            "conversation_limit": "1000/hour",
            "session_limit": "1000/hour",
        }
    )
