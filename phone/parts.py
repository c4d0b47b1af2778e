"""What the app is made of: the files the service worker keeps, and the version that names them all together.

A new version of any of them is a new service worker, so that a phone has either the old app or the new one whole.
"""

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

FILES = ("grid/m/app.css", "grid/m/app.js", "grid/mark.svg", "grid/phone/icons.svg")
"""Static files of the app, the first two made by ``build.mjs``; without icons, which the system asks for itself."""
LATER = (
    "grid/map.js",
    "grid/map.css",
    "leaflet/leaflet-src.esm.js",
    "leaflet/leaflet.css",
    "qr/decode.js",
    "qr/index.js",
)
"""Map and scanner, kept when somebody first opens one: the app is light without."""
PUSH = "grid/phone/worker-push.js"
"""Half of the service worker."""
SHELL = ("templates/phone", "phone/words.py", "locale")
"""What the shell is written from."""


@cache
def version() -> str:
    """Twelve hex digits over every byte the app is made of."""
    told = hashlib.sha256()
    for name in (*FILES, *LATER, PUSH):
        told.update(Path(finders.find(name) or settings.STATIC_ROOT / name).read_bytes())
    for name in SHELL:
        for path in sorted(_below(settings.BASE_DIR / name)):
            told.update(path.read_bytes())
    return told.hexdigest()[:12]


def _below(path: Path) -> list[Path]:
    return (
        [path]
        if path.is_file()
        else [each for each in path.rglob("*") if each.suffix in {".html", ".js", ".po"}]
    )


def addresses(names: tuple[str, ...]) -> list[str]:
    return [static(name) for name in names]
