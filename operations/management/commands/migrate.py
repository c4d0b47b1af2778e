"""Django's migrate, for a service at work: one at a time, and never in the way of people for long.

- Two at once, as when two machines start the same release, take turns by an advisory lock of the database; the
  second finds nothing left to do.
- A statement that waits for a table lets everybody queue behind it. It gives up after LOCK_SECONDS; the migration
  is rolled back whole, and tried again after a pause, TRIES times.
"""

import time

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from psycopg2.errors import LockNotAvailable

LOCK_SECONDS = 4
TRIES = 8
PAUSE_SECONDS = 3.0
ADVISORY_LOCK = 0x67726964  # 'grid'


class Command(migrate.Command):
    def handle(self, *args, **options):
        connection = connections[options["database"]]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS * 1000:.0f}ms'")
        try:
            self._patiently(*args, **options)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])

    def _patiently(self, *args, **options):
        for tries_left in reversed(range(TRIES)):
            try:
                return super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                if not tries_left:
                    raise CommandError(
                        f"A table stayed locked through {TRIES} tries; the migration that needs it is rolled back, "
                        "those before it stand. End the long transaction (pg_stat_activity) and run migrate again."
                    ) from error
                self.stderr.write("A table is in use, the migration is tried again ...")
                time.sleep(PAUSE_SECONDS)
