"""The filters of event lists: the same names in the pages' URLs and in the API."""

import re

import django_filters
from django.db.models import Q, QuerySet

from events.models import OPEN_STATES, Event, State, Urgency


class EventFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search")
    state = django_filters.MultipleChoiceFilter(choices=State)
    urgency = django_filters.MultipleChoiceFilter(choices=Urgency)
    item = django_filters.CharFilter(field_name="item__code")
    area = django_filters.CharFilter(method="place")
    since = django_filters.DateFilter(field_name="recorded_at", lookup_expr="date__gte")
    until = django_filters.DateFilter(field_name="recorded_at", lookup_expr="date__lte")
    mine = django_filters.BooleanFilter(method="reported_by_me")
    open = django_filters.BooleanFilter(method="still_open")

    class Meta:
        model = Event
        fields: list[str] = []

    def search(self, queryset: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """A number is found whole or not at all: by its parts a masked one could be guessed."""
        words = value.strip()
        start, end = words[:1].isdecimal(), words[-1:].isdecimal()
        if not start and not end:
            return queryset.filter(Q(description__icontains=words) | Q(address__icontains=words))
        pattern = "(?<![0-9])" * start + re.escape(words) + "(?![0-9])" * end
        text = Q(description__iregex=pattern) | Q(address__iregex=pattern)
        return queryset.filter(Q(number__startswith=words) | text)

    def place(self, queryset, name: str, value: str):
        return queryset.within(value) if value.isdigit() else queryset.none()

    def reported_by_me(self, queryset: QuerySet[Event], name: str, value: bool) -> QuerySet[Event]:
        return queryset.filter(reporter=self.request.user) if value else queryset

    def still_open(self, queryset: QuerySet[Event], name: str, value: bool) -> QuerySet[Event]:
        return queryset.filter(state__in=OPEN_STATES) if value else queryset.exclude(state__in=OPEN_STATES)
