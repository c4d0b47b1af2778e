"""The filters of event lists: the same names in the pages' URLs and in the API."""

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
        words = value.strip()
        return queryset.filter(
            Q(number__startswith=words) | Q(description__icontains=words) | Q(address__icontains=words)
        )

    def place(self, queryset, name: str, value: str):
        return queryset.within(value) if value.isdigit() else queryset.none()

    def reported_by_me(self, queryset: QuerySet[Event], name: str, value: bool) -> QuerySet[Event]:
        return queryset.filter(reporter=self.request.user) if value else queryset

    def still_open(self, queryset: QuerySet[Event], name: str, value: bool) -> QuerySet[Event]:
        return queryset.filter(state__in=OPEN_STATES) if value else queryset.exclude(state__in=OPEN_STATES)
