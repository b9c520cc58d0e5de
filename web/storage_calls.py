"""Calls to the blocking database from the event loop, with an end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from clinic.storage.database import StorageUnavailable

STORAGE_SECONDS = 2.5
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


async def call_storage(
    call: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Run a blocking call in a thread and return its result; raises StorageUnavailable after 2.5 s.

    A database that hangs holds its thread, but never the visitor. What the call still does later is harmless:
    everything that is stored carries an id of the client's, and a retry finds it.
    """
    try:
        async with asyncio.timeout(STORAGE_SECONDS):
            return await asyncio.to_thread(call, *args, **kwargs)
    except TimeoutError:
        raise StorageUnavailable("the database did not answer in time") from None
