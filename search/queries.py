"""Events by words, by the beginning of a number, by a person's number. Scope is the caller's: these only narrow."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import FloatField, Lookup, QuerySet
from django.db.models.expressions import RawSQL

from events.models import Event
from search.asking import Asked
from search.models import SearchNumber
from search.numbers import digests

MOST_RANKED = 500
"""The best are sought among so many of the newest, so that a common word costs no more than a rare one."""


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


def matching(events: QuerySet[Event], wanted: Asked) -> QuerySet[Event]:
    """By words and number; nothing for what says nothing and for persons' numbers."""
    if wanted.is_empty or wanted.personal:
        return events.none()
    if wanted.number:
        events = events.filter(number__startswith=wanted.number)
    if wanted.query:
        events = events.filter(search_document__words__matches=wanted.query)
    return events


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
