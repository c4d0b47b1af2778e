"""Files nobody needs any more: parts that were never finished, and evidence that a crash left without its row.

Both are a week old before they go. Each run does little: at most ``MOST`` parts, and of the evidence the sixteenth
of one month, another one each hour; after some days every file was looked at.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.conf import settings

from events.models import Evidence
from events.parts import FOLDER, SUFFIX

KEPT = timedelta(days=7)
MOST = 1000
DIGITS = "0123456789abcdef"
log = logging.getLogger(__name__)


def sweep_parts(*, now: datetime) -> int:
    """Parts no piece came for in a week; returns how many. A piece that comes just then is told to begin anew."""
    old = (path for path in (settings.MEDIA_ROOT / FOLDER).glob(f"*{SUFFIX}") if _is_old(path, now))
    return _remove(islice(old, MOST))


def sweep_strays(*, now: datetime) -> int:
    """Evidence on the disk that no row names and none will; returns how many."""
    months = sorted((settings.MEDIA_ROOT / "evidence").glob("*/*"))
    if not months:
        return 0
    turn = int(now.timestamp() // 3600)
    month, digit = months[turn % len(months)], DIGITS[turn // len(months) % len(DIGITS)]
    paths = [path for path in month.glob(f"{digit}*") if _is_old(path, now)]
    return sum(_remove(_strays(paths[start : start + MOST])) for start in range(0, len(paths), MOST))


def _strays(paths: list[Path]) -> list[Path]:
    """Those whose row is not there, or names a file of another month. One statement.

    A promised row's stay: its next upload may write them any moment.
    """
    keys = {path: key for path in paths if (key := _key(path))}
    names = dict(Evidence.objects.filter(pk__in=set(keys.values())).values_list("pk", "file"))
    folder = str(paths[0].parent.relative_to(settings.MEDIA_ROOT)) if paths else ""
    known = {key for key, name in names.items() if not name or str(Path(name).parent) == folder}
    return [path for path, key in keys.items() if key not in known or path.suffix == SUFFIX]


def _key(path: Path) -> UUID | None:
    """Of the row it was written for; None for what evidence never is called."""
    try:
        return UUID(path.name.partition(".")[0])
    except ValueError:
        return None


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return path.stat().st_mtime < (now - KEPT).timestamp()
    except FileNotFoundError:
        return False


def _remove(paths: Iterable[Path]) -> int:
    number = 0
    for path in paths:
        path.unlink(missing_ok=True)
        log.info("Swept %s", path)
        number += 1
    return number
