"""``python -m tests.screenshots``: walks the loop in a real browser and keeps its pictures under docs/screenshots."""

import os
import subprocess
import sys
from pathlib import Path

ALBUM = Path(__file__).resolve().parent.parent / "docs" / "screenshots"


def main() -> int:
    ALBUM.mkdir(parents=True, exist_ok=True)
    for old in ALBUM.glob("*.png"):
        old.unlink()
    walk = "tests/browser/test_walkthrough.py::test_every_verb_by_page_by_its_role_and_refused_to_another"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", walk]
    return subprocess.run(command, env=os.environ | {"ALBUM": str(ALBUM)}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
