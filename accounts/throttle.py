"""How many requests a minute the API answers: of a person, of a token, of an address's tokens.

PostgreSQL counts, so the limit holds for all processes together and needs no Redis. A process draws BATCH requests
at a time and counts them off in memory: usually a request writes nothing. What a process drew and did not use is
lost with the minute, so a limit may strike up to BATCH requests early for each further process, never late.
The table is unlogged: a crash of PostgreSQL forgets the minute, nothing else. Minutes are the server's clock's.
"""

from datetime import UTC, datetime
from threading import Lock

from django.conf import settings
from django.db import connection, models
from django.utils import timezone
from rest_framework.throttling import BaseThrottle

from accounts.device import address_of
from accounts.tokens import ApiToken

BATCH = 10
WRONG_TOKENS = 30
"""Tries with a token that is none, from one address in a minute."""
_MOST_KEYS = 20_000
_held: dict[str, tuple[datetime, int]] = {}
"""By key: the minute, and how many requests this process may still take in it; none left: REFUSED."""
_lock = Lock()
REFUSED = -1

_DRAW = """
INSERT INTO accounts_tally AS tally (key, minute, drawn) VALUES (%(key)s, %(minute)s, %(batch)s)
ON CONFLICT (key) DO UPDATE SET
    minute = greatest(tally.minute, excluded.minute),
    drawn = CASE WHEN tally.minute < excluded.minute THEN 0 ELSE tally.drawn END + excluded.drawn
RETURNING drawn
"""


class Tally(models.Model):
    """Requests drawn under a key in its latest minute."""

    key = models.CharField(primary_key=True, max_length=60, db_collation="C")
    minute = models.DateTimeField()
    drawn = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()


def draw(key: str, limit: int, *, now: datetime) -> int:
    """Count one request: 0, or the seconds to wait where the minute's ``limit`` is used up. One query in BATCH."""
    minute = _minute(now)
    with _lock:
        at, left = _held.get(key, (minute, 0))
        if at == minute and left > 0:
            _held[key] = (minute, left - 1)
            return 0
    if at == minute and left == REFUSED:
        return _wait(now)
    batch = min(BATCH, limit)
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, {"key": key, "minute": minute, "batch": batch})
        drawn = cursor.fetchone()[0]
    granted = min(batch, limit - (drawn - batch))
    with _lock:
        if len(_held) >= _MOST_KEYS:
            _held.clear()
        _held[key] = (minute, granted - 1 if granted > 0 else REFUSED)
    return 0 if granted > 0 else _wait(now)


def is_spent(key: str, *, now: datetime) -> int:
    """The seconds to wait, where this process knows that nothing is left; counts nothing, no query."""
    return _wait(now) if _held.get(key) == (_minute(now), REFUSED) else 0


def forget_old(*, now: datetime) -> int:
    """Clear away what former minutes counted; returns how many keys."""
    return Tally.objects.filter(minute__lt=_minute(now)).delete()[0]


def _minute(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def _wait(now: datetime) -> int:
    return 60 - now.second


class ApiThrottle(BaseThrottle):
    """``API_PER_MINUTE`` requests of a person; half of it of one token, and of an address five times as many by tokens.

    People who are logged in share no limit with their neighbours: a mobile carrier sends thousands of phones out by one
    address, as a street's office does its desks, and a shift of phones that come back together would starve
    everybody there. They have their own limit each, and accounts are made by administrators, not by whoever asks.
    Tokens cost nothing to make, so they have the address's besides.
    """

    waiting = 0

    def allow_request(self, request, view) -> bool:
        limit, now = settings.API_PER_MINUTE, timezone.now()
        if not limit or request.user is None:
            return True
        keys = [(f"person:{request.user.pk}", limit)]
        if isinstance(request.auth, ApiToken):
            keys.append((f"token:{request.auth.pk}", max(1, limit // 2)))
            if address := address_of(request):
                keys.append((f"address:{address}", limit * 5))
        self.waiting = max(draw(key, most, now=now) for key, most in keys)
        return not self.waiting

    def wait(self) -> float:
        return self.waiting
