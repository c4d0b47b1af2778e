"""Whether this live process can serve: 'ok', 'degraded' (browsers ask for themselves) or 'failed' (nobody is let in).

The address is public, so one answer serves whoever asks within ``KEPT_SECONDS``.
"""

import asyncio
import time
from typing import Any

from django.db import Error, connection

from live.hub import Hub

OK, DEGRADED, FAILED = "ok", "degraded", "failed"
KEPT_SECONDS = 2
PATIENCE_SECONDS = 2


class Readiness:
    def __init__(self) -> None:
        self._told: dict[str, Any] = {}
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def told(self, hub: Hub, *, full: bool) -> dict[str, Any]:
        async with self._asking:
            if time.monotonic() >= self._until:
                self._told = await _states(hub, full)
                self._until = time.monotonic() + KEPT_SECONDS
        return self._told


async def _states(hub: Hub, full: bool) -> dict[str, Any]:
    parts = {
        "redis": OK if hub.hears else DEGRADED,
        "database": OK if await _database(hub) else FAILED,
        "room": FAILED if full else OK,
    }
    worst = next((state for state in (FAILED, DEGRADED) if state in parts.values()), OK)
    return {"status": worst, "parts": parts}


async def _database(hub: Hub) -> bool:
    try:
        await asyncio.wait_for(hub.in_thread(_asked), PATIENCE_SECONDS)
    except (Error, TimeoutError):
        return False
    return True


def _asked() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
