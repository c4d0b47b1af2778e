"""A run that is cancelled, killed, doubled or too late leaves no half file and no lie."""

from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from accounts.actions import end_post
from accounts.models import User
from bench.copies import copy_event
from events.models import State
from exports import actions, writing
from exports.errors import (
    FiltersRefusedError,
    NothingFoundError,
    NotReadyError,
    NotWaitingError,
    ScopeLostError,
    TooManyError,
)
from exports.models import Export, Status
from exports.writing import MOST_TRIES, SILENCE
from tests.cast import story_at
from tests.exports.conftest import NOW, path_of, written


@pytest.fixture
def single(monkeypatch) -> None:
    """One event a batch."""
    monkeypatch.setattr("exports.event_rows.EventRows.EVENTS_A_BATCH", 1)


@pytest.fixture
def three(cast) -> None:
    copy_event(story_at(cast, State.HANDLING).event, 2)


def folders() -> list[str]:
    root = settings.MEDIA_ROOT / "exports"
    return sorted(path.name for path in root.iterdir()) if root.is_dir() else []


class Meanwhile:
    """A clock: the worker looks at it after every batch, and at the given look something happens."""

    def __init__(self, look: int, happens) -> None:
        self.looks, self.look, self.happens = 0, look, happens

    def __call__(self):
        self.looks += 1
        if self.looks == self.look:
            self.happens()
        return NOW


AFTER_ONE_BATCH = 3
"""Looks: when it is taken, at the watermark, after the first batch."""


# Asking ------------------------------------------------------------------------------------------


def test_nobody_has_more_than_three_under_way(cast, three, wish):
    for _number in range(actions.AT_A_TIME):
        export = wish("director")
    with pytest.raises(TooManyError, match="too_many"):
        wish("director")
    wish("supervisor")
    actions.cancel(export_id=export.pk, user=cast.director, now=NOW)
    assert wish("director").status == "waiting"


def test_filters_that_make_no_sense_and_lists_without_a_row_are_refused(cast, three, wish):
    with pytest.raises(FiltersRefusedError):
        wish("director", query="since=tomorrow")
    with pytest.raises(FiltersRefusedError):
        wish("supervisor", kind="rates", query="from=2019-03-05&to=2019-03-01")
    with pytest.raises(NothingFoundError):
        wish("director", query="state=void")
    with pytest.raises(ScopeLostError):
        wish("worker", kind="rates")
    assert not Export.objects.exists()


def test_only_so_many_are_written_at_once(cast, three, wish, settings):
    first, second = wish("director"), wish("supervisor")
    Export.objects.filter(pk=first.pk).update(status=Status.RUNNING, beat_at=NOW)
    assert written(second).status == "waiting"
    settings.EXPORTS_AT_ONCE = 2
    assert written(second).status == "done"


# Cancelled, killed, doubled ------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_cancelled_while_it_runs_it_stops_within_a_batch(cast, three, single, wish, format):
    export = wish("director", format=format)
    cancel = Meanwhile(
        AFTER_ONE_BATCH, lambda: actions.cancel(export_id=export.pk, user=cast.director, now=NOW)
    )
    writing.write_waiting(cancel)
    export.refresh_from_db()
    assert (export.status, export.rows_written, export.file, folders()) == ("cancelled", 0, "", [])
    assert cancel.looks == AFTER_ONE_BATCH + 1, "one more look, for the next export"
    with pytest.raises(NotWaitingError):
        actions.cancel(export_id=export.pk, user=cast.director, now=NOW)


def test_progress_is_told_after_every_batch(cast, three, single, wish):
    export, seen = wish("director"), []

    def clock():
        seen.append(Export.objects.get().rows_written)
        return NOW

    writing.write_waiting(clock)
    assert seen[2:6] == [0, 1, 2, 3], "each time before the batch is told"
    export.refresh_from_db()
    assert (export.rows_written, export.rows_total, export.status) == (3, 3, "done")


def test_a_dead_workers_export_is_taken_up_again_from_the_start(cast, three, wish):
    export = wish("director")
    dead = writing._take(NOW)
    (settings.MEDIA_ROOT / "exports" / f"{dead.pk}-{dead.run}").mkdir(parents=True)
    assert written(export, NOW + SILENCE).status == "running", "it may still be alive"
    late = NOW + SILENCE + timedelta(seconds=1)
    assert written(export, late).status == "done"
    assert (export.tries, export.rows_written) == (2, 3)
    writing.clear_away(now=late)
    assert folders() == [path_of(export).parent.name], "the dead one's folder is gone"


def test_a_run_that_was_thought_dead_offers_nothing(cast, three, single, wish):
    """It slept for long, and another worker has written the file meanwhile."""
    export = wish("director")
    later = NOW + SILENCE + timedelta(minutes=1)
    writing.write_waiting(Meanwhile(AFTER_ONE_BATCH, lambda: written(export, later)))
    export.refresh_from_db()
    assert (export.status, export.rows_written, export.tries) == ("done", 3, 2)
    assert folders() == [path_of(export).parent.name]


def test_after_three_dead_workers_it_is_given_up(cast, three, wish):
    export, at = wish("director"), NOW
    for _try in range(MOST_TRIES):
        assert writing._take(at) == export
        at += SILENCE + timedelta(seconds=1)
    assert written(export, at).status == "failed"
    assert export.failure == "interrupted"


def test_an_unforeseen_error_ends_in_words_and_without_a_file(cast, three, wish, monkeypatch, caplog):
    monkeypatch.setattr("exports.event_rows.contacts_of", lambda events: 1 / 0)
    export = written(wish("director"))
    assert (export.status, export.failure, folders()) == ("failed", "error", [])
    assert f"export {export.number} failed" in caplog.text
    assert "导出" in str(export.failure_words)


# The scope of the moment ----------------------------------------------------------------------------


def leave(user: User) -> None:
    for post in user.posts.filter(valid_to=None):
        end_post(post=post, at=NOW)


def test_who_lost_the_post_before_the_run_gets_nothing(cast, three, wish):
    export = wish("director")
    leave(cast.director)
    assert written(export).status == "failed"
    assert (export.failure, folders()) == ("scope_lost", [])


def test_who_loses_it_in_the_middle_gets_nothing(cast, three, single, wish):
    export = wish("director")
    writing.write_waiting(Meanwhile(AFTER_ONE_BATCH, lambda: leave(cast.director)))
    export.refresh_from_db()
    assert (export.status, export.failure, folders()) == ("failed", "scope_lost", [])


def test_a_closed_account_gets_nothing(cast, three, wish):
    export = wish("director")
    User.objects.filter(pk=cast.director.pk).update(is_active=False)
    assert written(export).failure == "scope_lost"


def test_a_file_read_by_a_lost_post_is_not_handed_out(cast, three, made):
    export = made("director")
    leave(cast.director)
    left = User.objects.select_related("district").get(pk=cast.director.pk)
    with pytest.raises(ScopeLostError):
        actions.fetch(export_id=export.pk, user=left, now=NOW)


# The file's end ---------------------------------------------------------------------------------------


def test_only_its_asker_fetches_it(cast, three, made):
    export = made("director")
    assert actions.fetch(export_id=export.pk, user=cast.director, now=NOW).path == path_of(export)
    for who in ("acceptor", "supervisor", "neighbour", "auditor"):
        with pytest.raises(Http404):
            actions.fetch(export_id=export.pk, user=getattr(cast, who), now=NOW)
    assert Export.objects.get().downloads == 1


def test_after_its_time_the_file_is_gone_and_the_row_stays(cast, three, made):
    export = made("director")
    end = export.expires_at
    assert writing.clear_away(now=end - timedelta(seconds=1)) == 0
    with pytest.raises(NotReadyError):
        actions.fetch(export_id=export.pk, user=cast.director, now=end)
    assert writing.clear_away(now=end) == 1
    export.refresh_from_db()
    assert (export.status, export.file, export.rows_written, folders()) == ("expired", "", 3, [])


def test_what_nobody_approves_in_a_week_is_put_away(cast, three, wish):
    export = wish("director")
    Export.objects.filter(pk=export.pk).update(status=Status.WAITING_APPROVAL)
    assert writing.clear_away(now=NOW + timedelta(days=6)) == 0
    assert writing.clear_away(now=NOW + timedelta(days=7)) == 1


# What it costs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "most"), [("events", 5), ("steps", 7)])
@pytest.mark.parametrize("who", ["director", "auditor"])
def test_a_batch_costs_the_same_statements_however_many_rows(cast, wish, monkeypatch, kind, most, who):
    """1 person, 2 posts still held, 3 events, 4 callers or steps, 5 progress; steps: organisations and reasons in
    their parameters. The auditor's readings are one more."""
    story = story_at(cast, State.CLOSED, source="grid")
    copy_event(story.event, 23)
    counts = []
    for size in (6, 12, 12):  # the first one warms what is kept in memory
        monkeypatch.setattr("exports.event_rows.EventRows.EVENTS_A_BATCH", size)
        monkeypatch.setattr("exports.step_rows.StepRows.EVENTS_A_BATCH", size)
        export = wish(who, kind=kind)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert written(export).status == "done"
        counts.append(len(captured))
    monkeypatch.setattr("exports.event_rows.EventRows.EVENTS_A_BATCH", 24)
    monkeypatch.setattr("exports.step_rows.StepRows.EVENTS_A_BATCH", 24)
    export = wish(who, kind=kind)
    with CaptureQueriesContext(connection) as captured:
        written(export)
    more_batches = counts[-1] - len(captured)
    assert more_batches <= most + (who == "auditor"), "for one batch more"
    assert counts[-1] < 40


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_memory_stays_flat_however_many_rows(cast, wish, monkeypatch, format):
    """Resident memory after each batch: 4,000 rows leave next to nothing above that of 1,000."""
    monkeypatch.setattr("exports.event_rows.EventRows.EVENTS_A_BATCH", 250)
    copy_event(story_at(cast, State.HANDLING).event, 4_000)
    process, sizes = psutil.Process(), []

    def clock():
        sizes.append(process.memory_info().rss / 1e6)
        return NOW

    export = wish("director", format=format)
    writing.write_waiting(clock)
    export.refresh_from_db()
    assert export.rows_written == 4_001
    batches = sizes[2:-2]
    assert len(batches) >= 16
    assert max(batches[4:]) - max(batches[:4]) < 4, [round(size) for size in sizes]
