"""The number of a supervision letter: year and serial, one for each supervision asked, never given twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from django.db import connection, transaction

from dispatch.letters import write_letter
from dispatch.models import Ask, Letter
from events.models import State
from tests.cast import Cast, story_at


def test_each_supervision_has_its_letter_and_the_next_number(cast: Cast):
    first, second = story_at(cast, State.HANDLING), story_at(cast, State.HANDLING)
    first.supervise(text="Why so slow?").answer_supervision(text="The lorry broke")
    second.supervise(text="And this?")
    first.wait(minutes=1).supervise(text="Once more")
    letters = Letter.objects.order_by("serial")
    assert [letter.serial for letter in letters] == [1, 2, 3]
    assert [letter.ask.event_id for letter in letters] == [first.id, second.id, first.id]
    assert {letter.year for letter in letters} == {first.now.year}


def test_two_at_once_get_two_numbers(fresh_database):
    cast = Cast()
    stories = [story_at(cast, State.HANDLING) for _ in range(2)]
    at, together = datetime(2019, 12, 31, 17, tzinfo=UTC), Barrier(2)

    def supervise(story) -> str:
        try:
            with transaction.atomic():
                ask = Ask.objects.create(
                    tenant=story.event.tenant, event_id=story.id, kind=Ask.Kind.SUPERVISION, asked_at=at
                )
                together.wait(10)
                return write_letter(ask, answer_by=at).number
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        numbers = list(pool.map(supervise, stories))
    assert sorted(numbers) == ["2020-0001", "2020-0002"]  # The year is that of the place.
