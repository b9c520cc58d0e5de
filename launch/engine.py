"""Start one engine, but only with the model that was trained here: check the archive, then become Rasa.

`python -m launch.engine --port 5005`, run by supervisord: after a crash too, and for engines of a release.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from clinic.settings import Settings
from launch.model import ENGINE_PYTHON, MODEL, ROOT, ModelNotOurs, check_archive


def engine_arguments(settings: Settings, more: Sequence[str] = ()) -> list[str]:
    """Return the command of an engine, with `more` arguments at its end.

    No --enable-api, no --cors, and loopback unless set otherwise: whoever reaches Rasa's own API owns the
    assistant.
    """
    start = [str(ENGINE_PYTHON), "-m", "rasa", "run", "--interface", settings.engine_host]
    files = ["--model", str(MODEL), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    return [*start, *files, *more]


def main() -> int:
    """Become the engine; returns 1 after one clear sentence when the model is not ours."""
    try:
        check_archive()
    except ModelNotOurs as error:
        print(f"The engine does not start: {error}", file=sys.stderr)
        return 1
    command = engine_arguments(Settings(), sys.argv[1:])
    os.execv(command[0], command)


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
