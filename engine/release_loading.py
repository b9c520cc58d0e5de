"""Loads another kept release into a running engine that takes no turns.

Most of an engine's start is imports (10 of 15 seconds of processor time); this needs the other five only.
Only a release of the folder named in OPTC_RELEASES_PATH can be loaded: a model archive is code.
"""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Text

from rasa.core.agent import Agent

from engine.answers import ReviewedAnswers

RELEASES_VARIABLE = "OPTC_RELEASES_PATH"
RELEASE_VARIABLE = "OPTC_RELEASE"  # the one that the process was started with
_NAME = re.compile(r"[0-9a-f]{16}")


class ReleaseUnknown(ValueError):
    """No kept release has this name."""


class LoadedRelease:
    """Which release an engine has loaded; empty while another one is being loaded, or when that failed."""

    def __init__(self) -> None:
        self.name = os.environ.get(RELEASE_VARIABLE, "")
        self._one_at_a_time = asyncio.Lock()

    async def exchange(self, agent: Agent, name: Text) -> None:
        """Load the release `name` into `agent`. Raises ReleaseUnknown, or whatever Rasa cannot load."""
        folder = find_release(name)
        async with self._one_at_a_time:
            self.name = ""
            await asyncio.get_running_loop().run_in_executor(None, load, agent, folder)
            self.name = name


def find_release(name: Text) -> Path:
    """The folder of a kept release; raises ReleaseUnknown."""
    folder = Path(os.environ.get(RELEASES_VARIABLE, "")) / name
    if not (_NAME.fullmatch(name) and (folder / "model.tar.gz").is_file()):
        raise ReleaseUnknown("There is no such release.")
    return folder


def load(agent: Agent, folder: Path) -> None:
    """Load the model of the release in `folder`, with its clinic's facts and its review records."""
    agent.load_model(folder / "model.tar.gz")
    if isinstance(agent.nlg, ReviewedAnswers):
        content = folder / "content"
        agent.nlg.use(content / "profile.yml", content / "data" / "faq")
