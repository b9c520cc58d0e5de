"""`make run` with the scripted engine in Rasa's place; supervision and all other parts are the real ones."""

from __future__ import annotations

import os
import shlex
import sys

import launch.start


def scripted_engine_command() -> str:
    return shlex.join([sys.executable, "-m", "tests.faults.scripted_engine_process"])


if __name__ == "__main__":
    os.chdir(launch.start.ROOT)
    launch.start.engine_command = scripted_engine_command
    sys.exit(launch.start.main())
