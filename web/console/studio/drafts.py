"""Where the studio's files are, and the process that checks them beside the web server's own work."""

from __future__ import annotations

import asyncio
import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime
from pathlib import Path

from sanic import Request

from content.topic_check import TopicCheck, check_text
from web.console.desk import desk_of
from web.console.problems import ConsoleProblem

_NAME = re.compile(r"[a-z0-9_]{1,80}")


class Checker:
    """Checks texts in a process of its own: visitors who chat meanwhile notice nothing of it."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def check(self, root: Path, path: Path, text: str, today: date) -> TopicCheck:
        """Return the check of `text`; raises ContentUnreadable."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        return await asyncio.get_running_loop().run_in_executor(
            self._pool, check_text, root, path, text, today
        )

    def close(self) -> None:
        """Let the process end."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)


def root_of(request: Request) -> Path:
    """Return the folder in which the content team works."""
    folder: Path = request.app.ctx.settings.working_folder
    return folder


def today_of(request: Request) -> date:
    """Return the day it is at the clinic."""
    return datetime.now(desk_of(request).zone).date()


def path_of(request: Request, folder: str, topic: str) -> Path:
    """Return the path of a content file named in an address; raises ConsoleProblem topic_not_found."""
    path = Path("data") / folder / f"{topic}.yml"
    if not (_NAME.fullmatch(folder) and _NAME.fullmatch(topic) and (root_of(request) / path).is_file()):
        raise ConsoleProblem("topic_not_found")
    return path


def address_of(path: Path) -> str:
    """Return the address of a content file's page."""
    return f"/console/studio/topics/{path.parent.name}/{path.stem}"
