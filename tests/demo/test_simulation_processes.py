"""Several processes share a simulation; here with real commits. Told twice it takes a while, so ``make soak`` does."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from demo.models import ToldRun
from events.models import Event
from events.steps import verify_chains
from tests.demo.test_simulation import DAY, history, media, tell

__all__ = ["media"]

pytestmark = pytest.mark.skipif("SIMULATE" not in os.environ, reason="SIMULATE=processes, as in make soak")


def test_two_processes_tell_what_one_tells(fresh_database, media):
    with transaction.atomic():
        tell(DAY)
        by_one = history()
        transaction.set_rollback(True)

    tell(DAY, processes=2)

    assert history() == by_one
    assert Event.objects.count() == 10 and list(verify_chains("330104")) == []
    assert ToldRun.objects.get().until == DAY.until
    tell(replace(DAY, until=DAY.until + timedelta(hours=1)), processes=2)
    assert [row for row in history() if row[3] <= DAY.until] == by_one
