"""What a process keeps of a district under one of the district's versions: read again only when that changed.

The person's row is loaded with the district, so a process learns that its copy is stale without asking.
"""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar

from grids.models import District

T = TypeVar("T")

_memories: list[dict] = []


def kept_under(version: str) -> Callable[[Callable[[District], T]], Callable[[District], T]]:
    """Decorate a function that reads something of a district. ``version`` names the district's field."""

    def decorate(read: Callable[[District], T]) -> Callable[[District], T]:
        memory: dict[str, tuple[int, T]] = {}
        loading = Lock()
        _memories.append(memory)

        @wraps(read)
        def remembered(district: District) -> T:
            found, now = memory.get(district.pk), getattr(district, version)
            if found is None or found[0] != now:
                with loading:
                    found = memory[district.pk] = (now, read(district))
            return found[1]

        return remembered

    return decorate


def forget() -> None:
    """Read everything anew; for what was remembered inside a transaction that was rolled back."""
    for memory in _memories:
        memory.clear()
