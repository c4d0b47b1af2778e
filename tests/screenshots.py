"""``python -m tests.screenshots``: walks the loop in a real browser and keeps its pictures under docs/screenshots.

``python -m tests.screenshots everyday``: the everyday cases instead.
"""

import os
import subprocess
import sys
from pathlib import Path

from PIL import Image

ALBUM = Path(__file__).resolve().parent.parent / "docs" / "screenshots"

WALKS = {
    "loop": "tests/browser/test_walkthrough.py::test_every_verb_by_page_by_its_role_and_refused_to_another",
    "everyday": "tests/browser/test_everyday_cases.py",
}


def main() -> int:
    ALBUM.mkdir(parents=True, exist_ok=True)
    for old in ALBUM.glob("*.png"):
        old.unlink()
    walk = WALKS["".join(sys.argv[1:2]) or "loop"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", walk]
    status = subprocess.run(command, env=os.environ | {"ALBUM": str(ALBUM)}, check=False).returncode
    for picture in ALBUM.glob("*.png"):
        Image.open(picture).quantize(256).save(
            picture, optimize=True
        )  # A third of the size, and no loss seen.
    return status


if __name__ == "__main__":
    sys.exit(main())
