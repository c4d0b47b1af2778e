"""Writes the search documents: in the outbox worker's transaction, and for what is stale.

The document's row is locked before anything is read. Whoever erases a text meanwhile waits for it in the trigger and
empties the document after us; whoever adds a step has an outbox row that comes later. So what was erased never stays.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from django.db import connection, transaction

from events.masking import numbers_in
from events.models import Event, ReporterContact, Step, StepText
from grids.models import District
from grids.places import places_of
from search.models import SearchDocument, SearchNumber
from search.names import names_of
from search.numbers import digest
from search.words import normal, vector

MOVES_THE_PLACE = frozenset({"correct", "recode"})
"""Verbs that may change item or place without a word."""
MOST_CHARACTERS = 20_000
"""Of one field; PostgreSQL's vectors end at a megabyte."""
BATCH = 500
SERIAL = 5
"""Digits at the end of an event's number that people say for it."""


def project(steps: Sequence[Step]) -> None:
    """A projection of the outbox: 6 statements for the events whose words may have changed, else none."""
    changed = {
        step.event_id
        for step in steps
        if step.sequence == 1 or step.text_digest or step.verb in MOVES_THE_PLACE
    }
    if changed:
        index(changed)


@transaction.atomic
def index(events: Collection[UUID]) -> None:
    """Make the documents of these events anew."""
    keys = sorted(events)
    _lock(keys)
    rows = list(Event.objects.filter(pk__in=keys).select_related("item"))
    texts, contacts = _texts(keys), _contacts(keys)
    districts = District.objects.in_bulk({row.tenant for row in rows})
    if not rows:
        return
    with connection.cursor() as cursor:
        given = [(row.pk, document(row, texts[row.pk], districts[row.tenant])) for row in rows]
        values = ", ".join(["(%s::uuid, %s::tsvector)"] * len(given))
        cursor.execute(
            f"""UPDATE search_searchdocument kept SET words = made.words, stale = false
                FROM (VALUES {values}) made (event_id, words) WHERE kept.event_id = made.event_id""",
            [value for pair in given for value in pair],
        )
    _keep_numbers(rows, texts, contacts)


def index_stale(most: int = BATCH) -> int:
    """The stale documents nobody else is at, as many as ``most``; returns how many."""
    with transaction.atomic():
        stale = SearchDocument.objects.filter(stale=True).order_by("pk").select_for_update(skip_locked=True)
        keys = list(stale.values_list("pk", flat=True)[:most])
        if keys:
            index(keys)
    return len(keys)


def _lock(keys: list[UUID]) -> None:
    values = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO search_searchdocument (event_id, tenant, words, stale)
                SELECT id, tenant, '', true FROM events_event WHERE id IN ({values}) ORDER BY id
                ON CONFLICT (event_id) DO UPDATE SET stale = true""",
            keys,
        )


def _texts(keys: list[UUID]) -> dict[UUID, list[str]]:
    """Of each event every text of its steps, in order; the report's own words stand in the event."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = StepText.objects.filter(step__event__in=keys).order_by("step__event", "step__sequence")
    for event, content in rows.values_list("step__event", "content"):
        found[event] += [
            str(words) for name, words in content.items() if name not in ("description", "address")
        ]
    return found


def _contacts(keys: list[UUID]) -> dict[UUID, str]:
    rows = ReporterContact.objects.filter(event__in=keys).exclude(phone="")
    return dict(rows.values_list("event", "phone"))


def document(event: Event, texts: Iterable[str], district: District) -> str:
    """The tsvector's literal of an event with the texts of its steps."""
    return vector(_fields(event, texts, district), names_of(district))


def _fields(event: Event, texts: Iterable[str], district: District) -> list[tuple[str, str]]:
    """(text, weight): item, place and address before the description before the steps."""
    places = places_of(district)
    within = [places.get(event.area_code[:length]) for length in range(7, len(event.area_code) + 1)]
    names = [name for place in within if place for name in (place.name_zh, place.name_en)]
    fields = [
        *((name, "A") for name in (event.item.name_zh, event.item.name_en, event.address, *names)),
        (event.number[-SERIAL:], "A"),
        (event.description, "B"),
        *((text, "D") for text in texts),
    ]
    return [(text[:MOST_CHARACTERS], weight) for text, weight in fields if text]


def _keep_numbers(events: Iterable[Event], texts: dict[UUID, list[str]], contacts: dict[UUID, str]) -> None:
    rows = []
    for event in events:
        words = "\n".join([event.description, event.address, contacts.get(event.pk, ""), *texts[event.pk]])
        numbers = numbers_in(words) | numbers_in(normal(words))
        rows += [
            SearchNumber(tenant=event.tenant, event=event, digest=digest(number, event.tenant))
            for number in sorted(numbers)
        ]
    SearchNumber.objects.filter(event__in=[event.pk for event in events]).delete()
    SearchNumber.objects.bulk_create(rows, ignore_conflicts=True)
