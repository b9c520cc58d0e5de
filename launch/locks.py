"""Renew both locks: every package with its exact version and hashes, and no addresses. Needs the network."""

from __future__ import annotations

import subprocess
import sys

from launch.environments import ROOT, SetUpFailed, find_uv

COMMON = ["pip", "compile", "--quiet", "--generate-hashes", "--no-annotate", "--no-header"]


def main() -> int:
    """Write requirements.txt and engine/requirements.txt anew; returns 0, or 1 after one clear sentence."""
    application = ["--universal", "--python-version", "3.11", "pyproject.toml", "--group", "dev"]
    engine = ["--python-version", "3.10", "--override", "engine/overrides.txt", "engine/requirements.in"]
    try:
        for inputs, lock in ((application, "requirements.txt"), (engine, "engine/requirements.txt")):
            subprocess.run([find_uv(), *COMMON, *inputs, "--output-file", lock], cwd=ROOT, check=True)
    except (SetUpFailed, subprocess.CalledProcessError) as error:
        print(f"The locks were not renewed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
