"""Two requests of a program with one key, at one instant: one of them did it, the other learns that."""

import uuid

import pytest

from incidents.models import Message
from incidents.plans import load_plans
from incidents.telling import send_message
from tests.cast import MONDAY, Cast, Story
from tests.dispatch.test_outbox import at_once
from tests.incidents.conftest import gathered, opened

pytestmark = pytest.mark.usefixtures("fresh_database")


def test_a_message_is_new_to_one_of_them_only():
    cast = Cast()
    load_plans(district=cast.district)
    flood = opened(cast)
    gathered(cast, flood, Story(cast).report().route())
    actor, key = cast.actor("director"), uuid.uuid4()

    def send(number: int) -> bool:
        sent = send_message(actor=actor, incident_id=flood.pk, key=key, text="The road is open.", now=MONDAY)
        return sent.is_new

    assert sorted(at_once(3, send)) == [False, False, True]
    assert Message.objects.count() == 1
