"""Events by words, by the beginning of a number, by a person's number. Scope is the caller's: these only narrow."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchVectorField
from django.db import connection
from django.db.models import FloatField, Lookup, QuerySet, UUIDField
from django.db.models.expressions import RawSQL

from events.models import Event
from search.asking import Asked
from search.models import SearchDocument, SearchNumber
from search.numbers import digests

MOST_RANKED = 500
"""The best are sought among so many of the newest, so that a common word costs no more than a rare one."""


RARE = 30_000
"""Words that stand in so many documents at most are fetched by their index, whoever asks. Of commoner ones the planner may
look through the newest events instead. It would for rare ones too: it takes words and areas for independent and does not
see that a word stands nowhere in the asker's area (ADR 21)."""


@SearchVectorField.register_lookup
class Matches(Lookup):
    """``words__matches="'占道'"``: a tsquery as it is, past every configuration of the server."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple]:
        words, words_params = self.process_lhs(compiler, connection)
        query, query_params = self.process_rhs(compiler, connection)
        return f"{words} @@ {query}::tsquery", (*words_params, *query_params)

    def get_db_prep_lookup(self, value: Any, connection: Any) -> tuple[str, tuple]:
        return "%s", (value,)


@UUIDField.register_lookup
class Among(Lookup):
    """``pk__among=ArraySubquery(...)``: by the primary key, one by one. An ``IN`` the planner may turn around."""

    lookup_name = "among"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple]:
        key, key_params = self.process_lhs(compiler, connection)
        keys, keys_params = self.process_rhs(compiler, connection)
        return f"{key} = ANY({keys})", (*key_params, *keys_params)


def matching(events: QuerySet[Event], wanted: Asked) -> QuerySet[Event]:
    """By words and number; nothing for what says nothing and for persons' numbers."""
    if wanted.is_empty or wanted.personal:
        return events.none()
    if wanted.number:
        events = events.filter(number__startswith=wanted.number)
    if wanted.query and _is_common(wanted.lexemes):
        return events.filter(search_document__words__matches=wanted.query)
    if wanted.query:
        found = SearchDocument.objects.filter(words__matches=wanted.query)
        return events.filter(pk__among=ArraySubquery(found.values("pk")))
    return events


def _is_common(lexemes: Iterable[str]) -> bool:
    """Whether each stands in more than RARE documents, by PostgreSQL's own statistics. One statement, none for no lexeme:
    what only begins so or is left out may be anywhere."""
    wanted = list(lexemes)
    if not wanted:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                   JOIN pg_stats ON tablename = relname AND schemaname = nspname,
                   unnest(most_common_elems::text::text[], most_common_elem_freqs) kept (lexeme, part)
               WHERE pg_class.oid = 'search_searchdocument'::regclass AND attname = 'words'
                   AND lexeme = ANY (%s) AND part * reltuples > %s""",
            [wanted, RARE],
        )
        (common,) = cursor.fetchone()
    return common == len(wanted)


def with_numbers(events: QuerySet[Event], numbers: Iterable[str], tenant: str) -> QuerySet[Event]:
    """Those that have every one of the phones and identity numbers. Who may ask so is the caller's to check."""
    for number in numbers:
        kept = SearchNumber.objects.filter(tenant=tenant, digest__in=digests(number, tenant))
        events = events.filter(pk__in=kept.values("event"))
    return events


def best(events: QuerySet[Event], wanted: Asked, *, size: int) -> QuerySet[Event]:
    """The best of the newest MOST_RANKED: words of item and place before description before steps, then the newest."""
    newest = events.order_by("-recorded_at", "-id").values("pk")[:MOST_RANKED]
    found = Event.objects.filter(pk__in=newest, search_document__isnull=False)
    rank = RawSQL("ts_rank(search_searchdocument.words, %s::tsquery)", [wanted.query or "''"], FloatField())
    return found.annotate(rank=rank).order_by("-rank", "-recorded_at", "-id")[:size]
