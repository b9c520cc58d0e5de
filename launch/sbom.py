"""Write a list of the packages of both locks (SBOM, CycloneDX JSON) into a folder. Needs the network once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from launch.environments import ROOT, SetUpFailed, find_uv

TOOL = "cyclonedx-bom==7.2.1"
LOCKS = {"application": "requirements.txt", "engine": "engine/requirements.txt"}


def main() -> int:
    """Write `<folder>/<environment>.cdx.json` for both; returns 0, or 1 after one clear sentence."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "var/sbom").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, lock in LOCKS.items():
            run = [find_uv(), "tool", "run", "--quiet", "--from", TOOL, "cyclonedx-py", "requirements"]
            written = folder / f"{name}.cdx.json"
            subprocess.run([*run, "--output-file", str(written), lock], cwd=ROOT, check=True)
            print(f"{written} is written.")
    except (SetUpFailed, subprocess.CalledProcessError) as error:
        print(f"The list of packages was not written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
