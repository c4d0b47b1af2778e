"""The quick way to serialize answers what the framework's own way does, in every state and zone."""

import pytest
from django.utils import timezone, translation
from rest_framework import serializers

from desks.api.event_shapes import EventSerializer
from desks.quick_reading import QuickReading
from events.models import Event
from tests.cast import BRAWL, WAYS, Story, story_at


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_answers_what_the_framework_answers(cast, zone, language):
    for state in WAYS:
        story_at(cast, state)
    Story(cast, BRAWL).report(longitude=120.177, latitude=30.271)
    events = list(Event.objects.order_by("pk"))
    serializer = EventSerializer(events, many=True, context={"actor": cast.actor("director")})

    with timezone.override(zone), translation.override(language):
        quick = serializer.data
        slow = [serializers.Serializer.to_representation(serializer.child, event) for event in events]

    assert len(quick) == len(WAYS) + 1
    assert [dict(row) for row in quick] == [dict(row) for row in slow]
    assert isinstance(serializer.child, QuickReading)
