"""How fast the search is: python -m bench.search [--full] [--queries]

200,000 events whose texts differ (``bench.texts``), with --full also a million. Each query is asked as five people:
the list's own queryset (scope, filters, first page, the newest first) and the whole page through Django's test client.
--queries prints PostgreSQL's plan of the slowest. Best on a quiet machine; the load is told.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from bench import place
from bench.__main__ import say

SIZES = (200_000, 1_000_000)
FIRST = 60
POOL = 20_000
"""Different texts."""
KEY = "md5('search' || n)::uuid"
TURNS = 9
"""Of each query for each person."""
PEOPLE = {
    "dispatcher": "a street's dispatcher",
    "supervisor": "the district's supervisor",
    "police": "an agency of a street",
    "worker": "a grid worker",
    "neighbour": "another street's director",
}
QUERIES = {
    "a common word": "流动摊贩",
    "a rare word": "无证行医",
    "a fragment": "放杂物堵",
    "two words": "菜市场 噪音",
    "a sentence": "凯旋路流动摊贩占道经营影响居民出行",
    "a road": "九岔路",
    "a road and a matter": "采荷路 井盖",
    "a house": "12幢",
    "words of a step": "承诺整改",
    "a phrase": "“路灯不亮，存在安全隐患”",
    "without a word": "摊贩 -菜市场",
    "the beginning of a number": "",
    "one character": "路",
    "another character": "犬",
    "no hit": "恐龙化石",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--full", action="store_true", help="also at a million events")
    parser.add_argument("--queries", action="store_true", help="print the plan of the slowest query")
    parser.add_argument("--part", type=float, default=1, help="a part of all sizes, to try the bench itself")
    options = parser.parse_args()
    with place.database():
        import django

        django.setup()
        from bench import bulk

        say(f"telling {FIRST} events by the real actions")
        bulk.tell_first(FIRST)
        fill_pool()
        for size in SIZES if options.full else SIZES[:1]:
            size = max(2_000, round(size * options.part))
            say(f"copying them until there are {size:,}")
            seconds = load(size)
            say(f"index made in {seconds:.0f} seconds; {sizes()}")
            print(table(measured(options.queries), size), flush=True)


def load(total: int) -> float:
    """Events and their documents until there are so many; returns the seconds the index took.

    POOL texts are drawn and cut into words as the product does; each is used again and again for events of other days.
    Steps, clocks and orders are not copied: a search reads none of them but for the rows of its page.
    """
    from django.db import connection

    from events.models import Event

    names = [field.column for field in Event._meta.concrete_fields]
    changed = {
        "id": KEY,
        "number": "e.tenant || to_char(e.recorded_at - n * interval '3 minutes', 'YYYYMMDD') || lpad((n %% 100000)::text, 5, '0')",
        "description": "p.description",
        "address": "p.address",
        "recorded_at": "e.recorded_at - n * interval '3 minutes'",
    }
    source = f"""FROM generate_series(%(first)s::int, %(last)s::int) n
                 JOIN bench_pool p ON p.place = n %% {POOL} JOIN events_event e ON e.id = p.event_id"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM events_event")
        given = {"first": cursor.fetchone()[0], "last": total}
        cursor.execute(
            f"""INSERT INTO events_event ({", ".join(names)})
                SELECT {", ".join(changed.get(name, f"e.{name}") for name in names)} {source}
                ON CONFLICT DO NOTHING""",
            given,
        )
        say("  events are there")
    place.owner("DROP INDEX IF EXISTS search_words")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO search_searchdocument (event_id, tenant, words, stale)
                SELECT {KEY}, e.tenant, p.words, false {source}
                AND EXISTS (SELECT 1 FROM events_event made WHERE made.id = {KEY})
                ON CONFLICT DO NOTHING""",
            given,
        )
    start = time.perf_counter()
    place.owner(
        "SET maintenance_work_mem = '512MB'",
        "CREATE INDEX search_words ON search_searchdocument USING gin (words) WITH (fastupdate = off)",
    )
    seconds = time.perf_counter() - start
    place.owner("VACUUM ANALYZE events_event", "VACUUM ANALYZE search_searchdocument")
    return seconds


def fill_pool() -> None:
    """POOL texts with the words of an event told by the real actions: a twenty-fifth of them open ones."""
    from django.db import connection

    from bench.texts import Texts
    from events.models import Event
    from grids.models import District
    from search.indexing import document

    texts, district = Texts(), District.objects.get()
    rows = list(Event.objects.select_related("item"))
    still_open, closed = ([row for row in rows if row.is_open is is_open] for is_open in (True, False))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE bench_pool (place int PRIMARY KEY, event_id uuid, description text, address text, words tsvector)"
        )
        for start in range(0, POOL, 500):
            values = []
            for n in range(start, start + 500):
                kind = still_open if n % 25 == 0 else closed
                event = kind[n % len(kind)]
                event.description, event.address = texts.description(), texts.address()
                words = document(event, [texts.step() for _ in range(4)], district)
                values += [n, event.pk, event.description, event.address, words]
            marks = ", ".join(["(%s, %s::uuid, %s, %s, %s::tsvector)"] * 500)
            cursor.execute(f"INSERT INTO bench_pool VALUES {marks}", values)


def sizes() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pg_size_pretty(pg_table_size('search_searchdocument')), pg_size_pretty(pg_relation_size('search_words'))"""
        )
        table, index = cursor.fetchone()
    return f"documents {table}, GIN index {index}"


def measured(with_plans: bool) -> dict[tuple[str, str], tuple[list[float], list[float], int]]:
    """(query, person): seconds of the list's query, of the page, and how many rows the first page has."""
    from django.test import Client

    from accounts.models import User
    from desks.filters import EventFilter
    from desks.keyset import page_of
    from desks.listing import RELATED
    from desks.queues import NEWEST
    from events.models import Event

    found: dict = {}
    slowest: tuple[float, Any] = (0.0, None)
    number = Event.objects.order_by("-recorded_at").values_list("number", flat=True)[40]
    for username in PEOPLE:
        person = User.objects.select_related("district").get(username=username)
        browser = Client(HTTP_HOST="localhost")
        browser.force_login(person, backend="accounts.backends.PostBackend")
        for name, words in QUERIES.items():
            words = words or number[:14]

            def queryset(words: str = words, person: User = person):
                visible = Event.objects.visible_to(person).select_related(*RELATED)
                return EventFilter(_query(words), visible, request=SimpleNamespace(user=person)).qs

            def ask(queryset: Callable = queryset):
                return page_of(queryset(), order=NEWEST).rows

            rows = ask()
            browser.get("/events/", {"q": words})
            asked = [_seconds(ask) for _ in range(TURNS)]
            pages = [
                _seconds(lambda w=words, b=browser: b.get("/events/", {"q": w}))
                for _ in range(max(3, TURNS // 3))
            ]
            found[name, username] = (asked, pages, len(rows))
            slowest = max(
                slowest, (statistics.median(asked), (name, username, queryset)), key=lambda row: row[0]
            )
    if with_plans and slowest[1]:
        name, username, queryset = slowest[1]
        say(
            f"the slowest: {name} as {username}\n{queryset().order_by(*NEWEST)[:51].explain(analyze=True, buffers=True)}"
        )
    return found


def _query(words: str) -> Any:
    from django.http import QueryDict

    given = QueryDict(mutable=True)
    given["q"] = words
    return given


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[round(0.95 * (len(seconds) - 1))]


def table(found: dict, size: int) -> str:
    """Milliseconds p50 / p95 of the list's query by person, and p95 of the page."""
    lines = [
        f"\n{size:,} events, load {os.getloadavg()[0]:.1f}; query p50 / p95 in ms (rows on the first page)",
        "| query | " + " | ".join(PEOPLE) + " | page p95 |",
        "|" + "---|" * (len(PEOPLE) + 2),
    ]
    for name in QUERIES:
        cells = []
        for person in PEOPLE:
            asked, _pages, rows = found[name, person]
            cells.append(f"{statistics.median(asked) * 1000:.0f} / {_p95(asked) * 1000:.0f} ({rows})")
        pages = [second for person in PEOPLE for second in found[name, person][1]]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {_p95(pages) * 1000:.0f} |")
    asked = [second for each, _pages, _rows in found.values() for second in each]
    pages = [second for _asked, each, _rows in found.values() for second in each]
    lines.append(
        f"\nall: query p50 {statistics.median(asked) * 1000:.0f}, p95 {_p95(asked) * 1000:.0f}; "
        f"page p50 {statistics.median(pages) * 1000:.0f}, p95 {_p95(pages) * 1000:.0f}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
