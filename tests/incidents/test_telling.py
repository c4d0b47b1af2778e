"""One message reaches each reporter once, whatever is repeated."""

import time
import uuid
from datetime import timedelta

import pytest

from dispatch import outbox
from dispatch.errors import MoveError
from events.models import Step
from inbox.models import Notice
from incidents.models import Message, Recipient
from incidents.queries import reporters_of
from incidents.telling import deliver, send_message, send_waiting
from tests.cast import MONDAY, Story
from tests.incidents.conftest import gathered

TEXT = "The water is being pumped off. Please take another road."


def told(cast, flood, by="director", key=None, text=TEXT):
    return send_message(
        actor=cast.actor(by),
        incident_id=flood.pk,
        key=key or uuid.uuid4(),
        text=text,
        now=MONDAY + timedelta(hours=1),
    ).message


@pytest.fixture
def members(cast, flood):
    """Three reports of the worker, one of the colleague, one of a caller."""
    stories = [Story(cast).report().route() for _ in range(3)]
    stories.append(Story(cast).report("colleague").route())
    caller = {"source": "hotline", "reporter_name": "Wang", "reporter_phone": "13500003333"}
    stories.append(Story(cast).report("community", **caller).route())
    gathered(cast, flood, *stories)
    return stories


def notices_of(person) -> int:
    outbox.drain()
    return Notice.objects.filter(user=person, step__verb="answer_reporter").count()


def test_a_reporter_of_three_members_gets_one_message(cast, flood, members):
    message = told(cast, flood)

    assert sorted(message.recipients.values_list("status", flat=True)) == ["to_call", "told", "told"]
    assert (notices_of(cast.worker), notices_of(cast.colleague)) == (1, 1)
    step = Step.objects.filter(verb="answer_reporter", event=members[3].id).get()
    assert step.text.content == {"answer": TEXT}
    assert members[4].event.answered_at is None, "who called must be called back"


def test_sending_again_tells_nobody_twice(cast, flood, members):
    key = uuid.uuid4()
    message = told(cast, flood, key=key)
    assert told(cast, flood, key=key) == message
    message.recipients.filter(status="told").update(status="waiting")  # ended before it wrote that down
    deliver(message, until=time.monotonic() + 5, now=MONDAY + timedelta(hours=2))
    assert send_waiting() == 0
    assert Step.objects.filter(verb="answer_reporter").count() == 2
    assert (Message.objects.count(), notices_of(cast.worker)) == (1, 1)
    with pytest.raises(MoveError) as refused:
        told(cast, flood, key=key, text="Other words")
    assert refused.value.code == "different_content"


def test_who_was_merged_into_a_member_is_told_by_that_one(cast, flood, members):
    mine, theirs = members[0], members[3]
    for story in members[1:3]:
        story.leave_incident("director", reason="Elsewhere")
    mine.merge(into=theirs)
    assert {row.event_id for row in reporters_of(cast.director, flood) if not row.by_phone} == {theirs.id}
    told(cast, flood)
    assert (notices_of(cast.worker), notices_of(cast.colleague)) == (1, 1)


@pytest.mark.parametrize(("who", "code"), [("centre", "not_the_command"), ("police", "no_such_incident")])
def test_only_the_command_tells(cast, flood, members, who, code):
    with pytest.raises(MoveError) as refused:
        told(cast, flood, by=who)
    assert refused.value.code == code


def test_without_reporters_or_words_nothing_is_sent(cast, flood):
    with pytest.raises(MoveError) as refused:
        told(cast, flood)
    assert refused.value.code == "nobody_to_tell"
    with pytest.raises(MoveError) as refused:
        told(cast, flood, text=" ")
    assert refused.value.code == "reason_missing"
    assert not Recipient.objects.exists()
