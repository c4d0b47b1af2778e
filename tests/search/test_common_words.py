"""Which way a word takes to its events is told by the statistics of a real table, so this has a database of its own."""

import psycopg2
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dispatch.outbox import drain
from events.models import Event
from search import queries
from search.asking import asked
from tests.cast import FIRE_LANE, Cast, Story

BY_THE_INDEX = "ANY((ARRAY(SELECT"


def test_common_and_rare_words_go_different_ways_to_the_same_rows(fresh_database, monkeypatch):
    cast = Cast()
    for text in ("桥边堆物", "桥下有摊贩"):
        Story(cast, FIRE_LANE, at=timezone.now()).report(description=text).route()
    drain()
    with psycopg2.connect(fresh_database["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        cursor.execute("ANALYZE search_searchdocument")
    for most, words, is_rare, hits in ((1, "桥", False, 2), (1, "摊贩 桥", True, 1), (2, "桥", True, 2)):
        monkeypatch.setattr(queries, "RARE", most)
        with CaptureQueriesContext(connection) as made:
            assert len(queries.matching(Event.objects.all(), asked(words, cast.district))) == hits
        assert (BY_THE_INDEX in made.captured_queries[-1]["sql"]) is is_rare, (most, words)
        assert len(made) == 2
