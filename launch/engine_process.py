"""`python -m launch.engine_process --port 5005`: becomes one engine with the release of its set."""

from __future__ import annotations

import argparse
import os
import sys

from clinic.settings import Settings
from content.releases import Release, ReleaseDamaged, ReleaseNotFound, Releases, verify
from launch.environment_variables import engine_variables
from launch.groups import group_of
from launch.model import ENGINE_PYTHON


def main() -> int:
    """Replace this process by the engine; returns 1 when there is no release to load, or a damaged one.

    The release is verified at each start, after a crash too: only a model whose checksum is ours is loaded.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    settings = Settings()
    releases = Releases(settings.releases_directory)
    try:
        release = releases.find(releases.state().groups.get(group_of(settings, port), ""))
        verify(release)
    except (ReleaseNotFound, ReleaseDamaged) as error:
        print(f"The engine has nothing to load: {error}.", file=sys.stderr)
        return 1
    os.execve(ENGINE_PYTHON, engine_arguments(settings, release, port), release_variables(settings, release))


def engine_arguments(settings: Settings, release: Release, port: int) -> list[str]:
    """Return the command of one engine.

    No --enable-api, no --cors, and loopback unless set otherwise: whoever reaches Rasa's own API owns the
    assistant.
    """
    return [
        str(ENGINE_PYTHON), "-m", "rasa", "run", "--interface", settings.engine_host, "--port", str(port),
        "--model", str(release.model.resolve()), "--endpoints", "endpoints.yml",
        "--credentials", "credentials.yml",
    ]  # fmt: skip


def release_variables(settings: Settings, release: Release) -> dict[str, str]:
    """Return the engine's environment: the profile and the review records are those of the release.

    The releases' folder is where it may load another one from later (engine/release_loading.py).
    """
    content = release.content.resolve()
    return engine_variables(settings) | {
        "OPTC_RELEASE": release.id,
        "OPTC_RELEASES_PATH": str(settings.releases_directory.resolve()),
        "OPTC_PROFILE_PATH": str(content / "profile.yml"),
        "OPTC_QUESTIONS_PATH": str(content / "data" / "faq"),
    }


if __name__ == "__main__":
    sys.exit(main())
