"""A row that fails stops no other; it is counted, parked with an alarm, and can be taken up again."""

from dispatch import outbox
from dispatch.models import Outbox
from events.models import Event
from tests.processes.product import OWN_GRID, all_routed, counted, recounted, report_from

NOWHERE = "999999"


def test_a_report_without_a_desk_is_parked_after_five_tries_and_the_others_are_routed(fresh_database, caplog):
    bad, *others = report_from([OWN_GRID] * 4)
    Event.objects.filter(pk=bad).update(area_code=NOWHERE)
    for tries in range(1, outbox.MOST_TRIES + 1):
        outbox.drain()
        assert not Event.objects.filter(pk__in=others, desk=None).exists()
        row = Outbox.objects.get(step__event=bad)
        assert (row.tries, row.error) == (tries, f"NoDeskError: no desk above {NOWHERE}")
    assert row.parked_at is not None
    assert f"of event {bad} is parked" in caplog.text

    outbox.drain()
    assert Outbox.objects.get().tries == outbox.MOST_TRIES
    Event.objects.filter(pk=bad).update(area_code=OWN_GRID)
    Outbox.objects.update(parked_at=None, tries=0)
    outbox.drain()
    assert all_routed()
    assert counted() == recounted()
