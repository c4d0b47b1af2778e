"""The forms of a major incident: opening one, choosing what to gather, and the letter to all reporters."""

import uuid
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from desks import places
from events.catalogue import items_now
from events.models import EventQuerySet
from grids.models import District
from incidents.models import Incident, Plan

MOST_SHOWN = 100


class OpeningForm(forms.Form):
    name = forms.CharField(label=_("Name of the incident"), max_length=80)
    plan = forms.ModelChoiceField(
        Plan.objects.none(), label=_("Plan"), required=False, empty_label=_("without a plan")
    )
    response = forms.TypedChoiceField(
        label=_("Level of response"),
        choices=Incident.Response.choices,
        coerce=int,
        initial=Incident.Response.FOURTH,
    )
    summary = forms.CharField(
        label=_("What is known"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    event = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, district: District, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        plans = Plan.objects.in_force(at=timezone.now()).filter(district=district)
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]


class GatherForm(forms.Form):
    """Which events are looked at; all in the address, so a preview can be sent to a colleague."""

    item = forms.MultipleChoiceField(required=False)
    area = forms.ChoiceField(required=False)
    since = forms.DateTimeField(required=False)
    until = forms.DateTimeField(required=False)
    q = forms.CharField(required=False, max_length=60)
    box = forms.CharField(required=False, max_length=80)
    event = forms.CharField(required=False)

    def __init__(self, district: District, incident: Incident, data: Any):
        super().__init__(data)
        known = {item.code: item.name for item in items_now(district)}
        self.fields["item"].choices = list(known.items())  # type: ignore[attr-defined]
        root = incident.command.area.code
        asked = data.get("area", "") if data else ""
        self.fields["area"].choices = [("", ""), (root, ""), *places.choices(district, root, asked)]  # type: ignore[attr-defined]

    def clean_box(self) -> tuple[float, ...] | None:
        """West, south, east, north in WGS84 degrees."""
        text = self.cleaned_data["box"]
        if not text:
            return None
        try:
            box = tuple(float(part) for part in text.split(","))
        except ValueError:
            box = ()
        if len(box) != 4 or not all(-180 <= part <= 180 for part in box):
            raise forms.ValidationError(_("This is no part of a map."), "box")
        return box

    def clean_event(self) -> list[uuid.UUID]:
        found = []
        for key in self.data.getlist("event") if hasattr(self.data, "getlist") else []:
            try:
                found.append(uuid.UUID(key))
            except ValueError:
                continue
        return found

    def narrow(self, events: EventQuerySet) -> EventQuerySet:
        """The events the fields ask for; what cannot be read narrows to nothing."""
        if not self.is_valid():
            return events.none()
        asked = self.cleaned_data
        if asked["event"]:
            return events.filter(pk__in=asked["event"])
        if asked["item"]:
            events = events.filter(item__code__in=asked["item"])
        if asked["area"]:
            events = events.within(asked["area"])
        if asked["since"]:
            events = events.filter(recorded_at__gte=asked["since"])
        if asked["until"]:
            events = events.filter(recorded_at__lt=asked["until"])
        if words := asked["q"].strip():
            # A number is found whole or not at all: by its parts a masked one could be guessed.
            number = Q(number=words)
            digits = any(sign.isdecimal() for sign in words)
            text = Q(description__icontains=words) | Q(address__icontains=words)
            events = events.filter(number if digits else text)
        if asked["box"]:
            west, south, east, north = asked["box"]
            events = events.filter(
                longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north
            )
        return events


class MessageForm(forms.Form):
    key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Message"), max_length=500, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Each reporter reads it once, as it stands, in the inbox and with their report."),
    )  # fmt: skip
