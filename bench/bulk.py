"""Many events: a few hundred told by the real actions, then copied in bulk with their steps, texts, clocks, orders and asks.

A copy is its first one's history once more, some days earlier (closed) or some minutes (open): every instant is moved
alike and the steps' hashes are counted again, so that chains verify and clocks fit their events. What steps say in
their parameters and who watches stay as they were; files are not copied. The bench alone may do this.
"""

import uuid
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime, timedelta
from io import StringIO
from itertools import cycle
from random import Random

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from bench import place
from bench.requests import BEGAN
from demo.arrivals import Writer
from demo.cast import Cast
from demo.habits import Habits
from demo.history import around_the_log_ins
from demo.simulation import quick_commits
from demo.stage import play_past
from demo.telling import Story
from dispatch.models import Ask, Assignment, Clock
from events.models import NEVER, Event, Step, StepText
from events.steps import hash_step
from grids.models import District

FIRST_DAYS = 12
OPEN_SHARE = 0.04
"""Of all events, at any size; half of them in the street that is measured."""
OPEN_LEAST = 300
"""So that the list of 50 is full."""
BATCH = 5000
"""Events in one COPY."""
DAY = timedelta(days=1)
COPIED = "0" * 64
"""The content's hash of a copy: nobody sent it."""
KEYED = (Event, Step, StepText)
COPIED_MODELS = (*KEYED, Clock, Assignment, Ask)


def tell_first(number: int) -> None:
    """Some hundred events of the last days, half of them around the demo's log-ins, by the real actions."""
    district, now, habits = District.objects.get(), timezone.now(), Habits.read()
    cast, start = Cast(district), timezone.now() - timedelta(days=FIRST_DAYS)
    writer = Writer(cast, habits, run="bench", grids=around_the_log_ins(cast, Random(1)), small=True)
    plots = writer.between(start, now, range(number))
    stories = ((plot.at, Story(plot, cast, habits).told()) for plot in plots)
    with quick_commits():
        play_past(stories, events=Event.objects.all(), since=start, until=now)


class Row:
    """A row as COPY reads it: texts in the order of the model's columns, with its instants beside them."""

    def __init__(self, row: Model) -> None:
        fields = fields_of(type(row))
        values = [getattr(row, field.attname) for field in fields]
        self.model = type(row)
        self.texts = [
            _text(field.get_db_prep_save(value, connection))
            for field, value in zip(fields, values, strict=True)
        ]
        self.instants = [
            (n, value) for n, value in enumerate(values) if isinstance(value, datetime) and value != NEVER
        ]
        self.places = {field.attname: n for n, field in enumerate(fields)}

    def moved(self, back: timedelta, **changed: object) -> str:
        texts = self.texts.copy()
        for n, instant in self.instants:
            texts[n] = (instant - back).isoformat()
        for name, value in changed.items():
            texts[self.places[name]] = str(value)
        return "\t".join(texts) + "\n"


@dataclass
class First:
    """What is copied: an event with its rows."""

    event: Event
    row: Row
    steps: list[tuple[Step, Row, Row | None]] = dataclass_field(default_factory=list)
    others: list[Row] = dataclass_field(default_factory=list)


def load_until(total: int) -> None:
    """Copy until there are so many events."""
    firsts = _firsts()
    still_open = [first for first in firsts if first.event.is_open]
    closed = [first for first in firsts if not first.event.is_open]
    more_open = max(0, max(OPEN_LEAST, round(total * OPEN_SHARE)) - Event.objects.open().count())
    more_closed = total - Event.objects.count() - more_open
    wanted = [*_copies(still_open, more_open, timedelta(minutes=7)), *_copies(closed, more_closed, DAY)]
    for start in range(0, len(wanted), BATCH):
        _copy(wanted[start : start + BATCH])
    place.owner("VACUUM ANALYZE")
    place.owner(
        "CHECKPOINT", user="postgres"
    )  # Nothing of the loading is left to be written while it is measured.


def _copies(firsts: list[First], number: int, apart: timedelta) -> list[tuple[First, timedelta]]:
    turns = cycle(firsts)
    return [(next(turns), apart * (1 + turn // len(firsts))) for turn in range(number)]


def _firsts() -> list[First]:
    """The events told by the real actions, without what was reported to be measured."""
    told = Event.objects.exclude(content_hash=COPIED).filter(recorded_at__lt=BEGAN)
    events = {event.pk: First(event, Row(event)) for event in told}
    for step in Step.objects.filter(event__in=events).select_related("text").order_by("event_id", "sequence"):
        text = Row(step.text) if hasattr(step, "text") else None
        step.request_id = None
        events[step.event_id].steps.append((step, Row(step), text))
    for model in (Clock, Assignment, Ask):
        for row in model.objects.filter(event__in=events):
            events[row.event_id].others.append(Row(row))
    return list(events.values())


def _copy(batch: list[tuple[First, timedelta]]) -> None:
    ids = _numbers("pg_get_serial_sequence('events_step', 'id')", sum(len(first.steps) for first, _ in batch))
    serials = _numbers("'event_serial'", len(batch))
    files: dict[type[Model], list[str]] = {model: [] for model in COPIED_MODELS}
    for first, back in batch:
        key, head = uuid.uuid4(), ""
        for step, row, text in first.steps:
            changed = {
                "id": next(ids),
                "event_id": key,
                "previous_hash": head,
                "hash": (head := hash_step(copied_step(step, key, back, head))),
            }
            files[Step].append(row.moved(back, **changed))
            if text:
                files[StepText].append(text.moved(back, step_id=changed["id"]))
        day = timezone.localtime(first.event.recorded_at - back)
        number = f"{first.event.tenant}{day:%Y%m%d}{next(serials) % 100_000:05d}"
        changed = {"id": key, "number": number, "head_hash": head, "content_hash": COPIED}
        files[Event].append(first.row.moved(back, **changed))
        for row in first.others:
            files[row.model].append(row.moved(back, event_id=key))
    with connection.cursor() as cursor:
        for model, lines in files.items():
            names = ", ".join(f'"{field.column}"' for field in fields_of(model))
            cursor.cursor.copy_expert(
                f"COPY {model._meta.db_table} ({names}) FROM STDIN", StringIO("".join(lines))
            )


def copied_step(step: Step, key: uuid.UUID, back: timedelta, head: str) -> Step:
    """What the hash covers."""
    again = copy(step)
    again.event_id, again.at, again.previous_hash = key, step.at - back, head
    return again


def fields_of(model: type[Model]) -> list:
    """The columns that are copied; a key that only counts is left to the database."""
    return [f for f in model._meta.concrete_fields if model in KEYED or not f.primary_key]


def _numbers(sequence: str, count: int) -> Iterator[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval({sequence}) FROM generate_series(1, %s)", [count])
        return iter([number for (number,) in cursor.fetchall()])


def _text(value) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return _escaped("{" + ",".join(f'"{part}"' for part in value) + "}")
    if hasattr(value, "adapted"):  # JSON
        return _escaped(value.dumps(value.adapted))
    return _escaped(value.isoformat() if isinstance(value, datetime) else str(value))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
