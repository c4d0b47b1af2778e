"""What nobody needs any more goes after a week; nothing that a row names, or may come to name, ever does."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from events import sweep
from events.evidence import make_thumbnail
from events.models import Evidence
from events.sweep import DIGITS, sweep_parts, sweep_strays
from events.tasks import sweep_files
from tests.events.test_evidence import PDF, event, media, nudges, photo, promise, send, stored

__all__ = ["event", "media", "nudges"]  # fixtures
DOCUMENT = Evidence.Kind.DOCUMENT


def lay(path: Path, days: float) -> Path:
    """A file last written so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return age(path, days)


def age(path: Path, days: float) -> Path:
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))
    return path


def all_round(media: Path) -> int:
    """So many runs, an hour apart, as look at every file."""
    months = len(list((media / "evidence").glob("*/*")))
    hours = range(months * len(DIGITS))
    return sum(sweep_strays(now=timezone.now() + timedelta(hours=hour)) for hour in hours)


# Parts --------------------------------------------------------------------------------------------


def test_a_part_goes_a_week_after_its_last_piece(media, db):
    lay(media / "uploads" / "old.part", 7.1)
    young = lay(media / "uploads" / "young.part", 6.9)
    assert sweep_files() == 1
    assert list((media / "uploads").iterdir()) == [young]


def test_a_run_takes_so_many_parts_and_the_next_the_rest(media, monkeypatch):
    monkeypatch.setattr(sweep, "MOST", 3)
    for number in range(5):
        lay(media / "uploads" / f"{number}.part", 8)
    assert [sweep_parts(now=timezone.now()) for _run in range(3)] == [3, 2, 0]


def test_without_any_uploads_there_is_nothing_to_do(media, db):
    assert sweep_files() == 0


# Strays -------------------------------------------------------------------------------------------


def test_what_a_crash_left_without_a_row_goes_and_all_else_stays(event, media):
    kept = [send(event, photo()), send(event, PDF, DOCUMENT)]
    make_thumbnail(evidence_id=kept[0].pk)
    month = media / "evidence" / "2019" / "05"
    for path in month.iterdir():
        age(path, 100)
    names = stored(media)
    assert len(names) == 3
    for digit in DIGITS:
        lay(month / f"{digit}5f0c2a2-0a0e-4f7e-8a53-0c1d8f0b6f52.jpg", 8)
    lay(month / "05f0c2a2-0a0e-4f7e-8a53-0c1d8f0b6f52.small.jpg", 8)
    lay(month / f"{kept[1].pk}.pdf.part", 8)
    lay(media / "evidence" / "2019" / "06" / f"{kept[0].pk}.jpg", 8)
    young = lay(month / "a6f0c2a2-0a0e-4f7e-8a53-0c1d8f0b6f52.jpg", 5)
    foreign = lay(month / "a-readme.txt", 100)

    assert all_round(media) == len(DIGITS) + 3

    assert stored(media) == sorted([*names, *(str(path.relative_to(media)) for path in (young, foreign))])
    assert all_round(media) == 0


def test_what_belongs_to_a_promised_row_stays_for_its_next_upload(event, media):
    """The crash came before the row: the next try writes this very name."""
    promise(event, photo())
    row = Evidence.objects.get()
    left = lay(media / "evidence" / "2019" / "05" / f"{row.pk}.jpg", 30)
    assert all_round(media) == 0 and left.exists()
    send(event, photo())
    age(left, 30)
    assert all_round(media) == 0 and left.exists()


@pytest.mark.parametrize("files", [1, 40])
def test_a_run_asks_once_for_a_sixteenth_of_a_month(event, media, files, django_assert_num_queries):
    month = media / "evidence" / "2019" / "05"
    for number in range(files):
        lay(month / f"a5f0c2a2-0a0e-4f7e-8a53-{number:012}.jpg", 8)
    now = timezone.now()
    with django_assert_num_queries(1):
        removed = [sweep_strays(now=now + timedelta(hours=hour)) for hour in range(len(DIGITS))]
    assert sorted(removed) == [0] * 15 + [files]
