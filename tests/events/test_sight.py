"""The scope rule in memory and in SQL say the same of every event and person."""

import json
import random
import uuid

from django.utils import timezone

from accounts.models import Organization
from accounts.scope import Scope, scope_of
from events.models import TRAINING_SHOWN_FOR, Event, State, Urgency
from events.sight import Facts, sees
from grids.models import Area
from tests.cast import EVERYBODY, Cast, Story

EVENTS = 300


def test_the_rule_in_memory_agrees_with_the_rule_in_sql(db):
    cast, random_ = Cast(), random.Random(18)
    people = [getattr(cast, name) for name in EVERYBODY]
    events = _random_events(Story(cast).report().event, people, random_)
    readers = [(scope_of(user), user.district_id, user.pk, False) for user in people]
    readers += [(scope, tenant, person, True) for scope, tenant, person, _ in readers]
    readers += [(scope, tenant, None, False) for scope, tenant, *_ in readers[:5]]
    readers += [(Scope(), cast.district.pk, None, False), (readers[0][0], "999999", readers[0][2], False)]
    seen = 0
    for scope, tenant, reporter, training in readers:
        whose = {"tenant": tenant, "reporter": reporter, "training": training}
        by_sql = set(Event.objects.visible_in(scope, **whose).values_list("pk", flat=True))
        in_memory = {pk for pk, facts in events.items() if sees(facts, scope, **whose)}
        assert in_memory == by_sql & set(events), (whose, [post.role for post in scope.posts])
        seen += len(in_memory)
    assert 0 < seen < len(readers) * EVENTS


def _random_events(pattern: Event, people: list, random_: random.Random) -> dict[uuid.UUID, Facts]:
    """By key the facts of each, as they arrive after a way through JSON."""
    units = [post.organization_id for user in people for post in scope_of(user).posts]
    units = sorted({*units, *Organization.objects.order_by("pk").values_list("pk", flat=True)[:20]})
    places = list(Area.objects.order_by("code").values_list("code", flat=True))
    events = []
    for number in range(EVENTS):
        event = Event.objects.get(pk=pattern.pk) if not events else _copy(events[0])
        event.pk, event.number = uuid.UUID(int=random_.getrandbits(128), version=4), f"sight-{number}"
        event.area_code = random_.choice(places)
        event.state, event.urgency = random_.choice(list(State)), random_.choice(list(Urgency))
        event.sensitive = random_.random() < 0.5
        event.reporter_id = random_.choice([None, *(user.pk for user in people)])
        event.desk_id, event.transfer_to_id, event.sampler_id = (
            random_.choice([None, random_.choice(units)]) for _ in range(3)
        )
        event.sample_state = random_.choice(["", "pending", "confirmed"])
        event.participants = random_.sample(units, random_.randrange(3))
        event.asks = random_.sample(["hold", "check", "transfer"], random_.randrange(3))
        event.training = random_.random() < 0.2
        if random_.random() < 0.3:
            event.recorded_at = timezone.now() - random_.choice([0.5, 2.0]) * TRAINING_SHOWN_FOR
        events.append(event)
    Event.objects.bulk_create(events)
    return {event.pk: Facts.read(json.loads(json.dumps(Facts.of(event).told()))) for event in events}


def _copy(event: Event) -> Event:
    return Event(**{field.attname: getattr(event, field.attname) for field in Event._meta.concrete_fields})
