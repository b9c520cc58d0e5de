"""`make lint-content`: one readable line per finding; exit code 1 when there is one."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from content.lint import lint


def main() -> int:
    """Lint the project in the working directory (or the folder given as argument)."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    findings = lint(root, date.today())
    for finding in findings:
        print(finding)
    if not findings:
        print("The content is in order.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
