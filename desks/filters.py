"""The filters of event lists: the same names in the pages' URLs and in the API."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.scope import Actor
from desks.near import near_place, place_of
from desks.privacy import unmaskable_by
from events.models import OPEN_STATES, Event, State, Urgency
from grids.models import NamedPlace
from search.asking import asked
from search.queries import matching, with_numbers


class EventFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search")
    state = django_filters.MultipleChoiceFilter(choices=State)
    urgency = django_filters.MultipleChoiceFilter(choices=Urgency)
    item = django_filters.CharFilter(field_name="item__code")
    area = django_filters.CharFilter(method="place")
    near = django_filters.CharFilter(method="near_a_place")
    since = django_filters.DateFilter(field_name="recorded_at", lookup_expr="date__gte")
    until = django_filters.DateFilter(field_name="recorded_at", lookup_expr="date__lte")
    mine = django_filters.BooleanFilter(method="reported_by_me")
    open = django_filters.BooleanFilter(method="still_open")

    near_place: NamedPlace | None = None
    """The place of ``near``, once the events were asked for."""

    class Meta:
        model = Event
        fields: list[str] = []

    def search(self, queryset: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """By words and numbers of events (``search.asking``). A person's number finds nothing here, unless the list is
        asked for unmasked with a reason (an export): then what could be unmasked one by one."""
        user = self.request.user
        wanted = asked(value, user.district)
        if wanted.personal and getattr(self.request, "whole", False):
            mine = queryset.filter(unmaskable_by(Actor.of(user)))
            return with_numbers(mine, wanted.personal, user.district_id)
        return matching(queryset, wanted)

    def place(self, queryset, name: str, value: str):
        return queryset.within(value) if value.isdigit() else queryset.none()

    def near_a_place(self, queryset: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """The code of a place of the address book; none there, none found."""
        self.near_place = place_of(self.request.user.district, value)
        return near_place(queryset, self.near_place) if self.near_place else queryset.none()

    def reported_by_me(self, queryset: QuerySet[Event], name: str, value: bool) -> QuerySet[Event]:
        return queryset.filter(reporter=self.request.user) if value else queryset

    def still_open(self, queryset: QuerySet[Event], name: str, value: bool) -> QuerySet[Event]:
        return queryset.filter(state__in=OPEN_STATES) if value else queryset.exclude(state__in=OPEN_STATES)


class BoxField(forms.CharField):
    """``w,s,e,n`` in degrees as four numbers."""

    def clean(self, value: Any) -> tuple[float, ...] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            west, south, east, north = (float(part) for part in text.split(","))
        except ValueError:
            raise forms.ValidationError(_("A box is four numbers: west, south, east, north.")) from None
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise forms.ValidationError(
                _("A box goes from west to east and from south to north, in degrees.")
            )
        return west, south, east, north


def in_box(box: tuple[float, ...]) -> Q:
    west, south, east, north = box
    return Q(longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north)


class BoxFilter(django_filters.Filter):
    field_class = BoxField


class DeskFilter(EventFilter):
    """As every list, and by what is drawn on the map."""

    box = BoxFilter(method="inside")

    def inside(self, queryset: QuerySet[Event], name: str, value: tuple[float, ...]) -> QuerySet[Event]:
        return queryset.filter(in_box(value))
