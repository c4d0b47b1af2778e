"""A report's input: from the page and from the API alike."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.scope import Actor
from dispatch import policy
from events.catalogue import RetiredItemError, UnknownItemError, item_at
from events.evidence import max_files
from events.models import Evidence, Item, Source, Urgency
from grids.places import Place, places_of

DATUMS = [("wgs84", "WGS84"), ("gcj02", "GCJ-02"), ("bd09", "BD-09")]
SHA256 = re.compile(r"[0-9a-f]{64}")
KINDS = [kind.value for kind in Evidence.Kind]
TOLD_TO_A_DESK = (Source.RESIDENT, Source.HOTLINE)
"""Sources whose report somebody else wrote down."""
WRITTEN_AT_A_DESK = (*TOLD_TO_A_DESK, Source.SENSOR)
"""What a desk enters besides its own finds: what people told it, and an alarm it sees on a screen."""
TOO_MANY_PHOTOS = _("At most %(most)s photos. Take one away, then send again.")
TOO_MANY_RECORDINGS = _("At most %(most)s recordings of a kind. Take one away, then send again.")
YEARS = range(1970, 3000)
"""An instant outside of them is no clock's error; inside, correcting one cannot run out of the calendar."""


class ManifestField(forms.JSONField):
    """The photos to come: a list of {"kind", "sha256"}; named by the hash of the bytes that will be sent."""

    def clean(self, value: Any) -> list[dict[str, str]]:
        try:
            rows = (json.loads(value) if isinstance(value, str) and value else value) or []
        except ValueError:
            rows = None
        if not isinstance(rows, list) or not all(self._is_photo(row) for row in rows):
            raise ValidationError(
                _("The list of photos cannot be read. Attach them again."), "invalid_manifest"
            )
        unique = {
            (row["kind"], row["sha256"]): {"kind": row["kind"], "sha256": row["sha256"]} for row in rows
        }
        photos = [unique[key] for key in sorted(unique)]
        for kind, number in Counter(row["kind"] for row in photos).items():
            if number > (most := max_files(kind)):
                recorded = kind in Evidence.RECORDED
                words = TOO_MANY_RECORDINGS if recorded else TOO_MANY_PHOTOS
                raise ValidationError(words, "too_many_photos", {"most": most})
        return photos

    @staticmethod
    def _is_photo(row: Any) -> bool:
        return (
            isinstance(row, dict)
            and row.get("kind") in KINDS
            and isinstance(row.get("sha256"), str)
            and SHA256.fullmatch(row["sha256"]) is not None
        )


class InstantField(forms.DateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        if value and not isinstance(value, str):
            raise ValidationError(self.error_messages["invalid"], "invalid")
        instant = super().to_python(value)
        if instant and instant.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], "invalid")
        return instant


class ReportForm(forms.Form):
    """``data`` may be a QueryDict or a plain mapping of JSON values; times are ISO 8601 (Shanghai without offset)."""

    item = forms.CharField(max_length=10, label=_("Item"))
    description = forms.CharField(max_length=policy.TEXT_LIMIT, required=False, label=_("Description"))
    address = forms.CharField(max_length=policy.ADDRESS_LIMIT, required=False, label=_("Address"))
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, label=_("Longitude"))
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, label=_("Latitude"))
    datum = forms.ChoiceField(choices=DATUMS, required=False, label=_("Datum"))
    area_code = forms.CharField(max_length=20, required=False, label=_("Place"))
    occurred_at = InstantField(required=False, label=_("Occurred at"))
    sent_at = InstantField(required=False)
    source = forms.ChoiceField(choices=Source, required=False, label=_("Source"))
    reporter_name = forms.CharField(max_length=60, required=False, label=_("Who called"))
    reporter_phone = forms.RegexField(
        r"^[0-9+() -]{5,30}$",
        required=False,
        label=_("Phone"),
        error_messages={"invalid": _("This is no phone number. Write digits.")},
    )
    confidential = forms.BooleanField(required=False, label=_("Keep my name from the handler"))
    photos = ManifestField(required=False, label=_("Photos"))
    self_close = forms.BooleanField(required=False, label=_("Closed on the spot"))
    result = forms.CharField(max_length=policy.TEXT_LIMIT, required=False, label=_("What was done"))
    same_as = forms.UUIDField(
        required=False,
        label=_("Reported already as"),
        error_messages={
            "invalid": _("This is not the key of an event. Leave it empty, then send the report by itself.")
        },
    )

    def __init__(self, actor: Actor, data: Mapping[str, Any] | None = None, *, now: datetime):
        super().__init__(data)
        self.actor, self.now = actor, now

    def clean_datum(self) -> str:
        return self.cleaned_data["datum"] or "wgs84"

    def clean_source(self) -> str:
        """Grid staff report as such; only a desk may write down what others said."""
        at_desk = bool(self.actor.scope.units("report_for_org"))
        own = Source.DESK if at_desk else Source.GRID
        source = self.cleaned_data["source"] or own
        if source != own and not (at_desk and source in WRITTEN_AT_A_DESK):
            raise ValidationError(
                _("Your post does not report from this source. Leave it empty."), "wrong_source"
            )
        return source

    def clean_area_code(self) -> Place | None:
        code = self.cleaned_data["area_code"]
        if not code or self.data.get("longitude") not in (None, ""):
            return None
        place = places_of(self.actor.district).get(code)
        if place is None:
            raise ValidationError(
                _("There is no such place in the district. Choose one from the list."), "unknown_area"
            )
        return place

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["happened_at"], cleaned["time_flags"] = correct_time(
            cleaned.get("occurred_at") or self.now, cleaned.get("sent_at"), self.now
        )
        if cleaned.get("source") not in TOLD_TO_A_DESK:
            for name in ("reporter_name", "reporter_phone"):
                if cleaned.get(name):
                    self.add_error(
                        name, ValidationError(_("Only for what a resident or a caller told."), "no_caller")
                    )
        if (cleaned.get("longitude") is None) != (cleaned.get("latitude") is None):
            self.add_error(
                "longitude", ValidationError(_("A point needs both longitude and latitude."), "half_point")
            )
        if item := self._item(cleaned):
            cleaned["item"] = item
            self._check_photo_before(item, cleaned)
            self._check_self_close(item, cleaned)
        return cleaned

    def _item(self, cleaned: dict[str, Any]) -> Item | None:
        code = cleaned.get("item")
        if not code:
            return None
        try:
            return item_at(self.actor.district, code, cleaned["happened_at"])
        except UnknownItemError:
            words, error = _("There is no item with this code. Choose one from the list."), "unknown_item"
        except RetiredItemError:
            words, error = _("This item was not in the list on that day. Choose another."), "retired_item"
        self.add_error("item", ValidationError(words, error))
        return None

    def _check_photo_before(self, item: Item, cleaned: dict[str, Any]) -> None:
        """Asked of staff on the spot only, and never of a critical report (field rules, section 3)."""
        asked = Evidence.Kind.BEFORE in item.evidence and item.urgency != Urgency.CRITICAL
        on_the_spot = cleaned.get("source") == Source.GRID
        if asked and on_the_spot and not self._has(cleaned, Evidence.Kind.BEFORE):
            self.add_error(
                "photos",
                ValidationError(_("This item needs a photo. Take one of what you see."), "missing_evidence"),
            )

    def _check_self_close(self, item: Item, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("self_close"):
            return
        if not item.self_handle:
            self.add_error(
                "self_close",
                ValidationError(
                    _("This item must go to the desk. Report it without closing it."), "item_not_self_handled"
                ),
            )
        if not cleaned.get("result"):
            self.add_error("result", ValidationError(_("Write what was done."), "required"))
        lacking = [kind for kind in item.evidence if not self._has(cleaned, kind)]
        if lacking:
            names = ", ".join(str(Evidence.Kind(kind).label) for kind in lacking)
            message = _("Evidence is missing: %(kinds)s. Attach it, then send again.")
            self.add_error("photos", ValidationError(message, "missing_evidence", {"kinds": names}))

    @staticmethod
    def _has(cleaned: dict[str, Any], kind: str) -> bool:
        return any(photo["kind"] == kind for photo in cleaned.get("photos") or [])


def correct_time(
    occurred_at: datetime, sent_at: datetime | None, now: datetime
) -> tuple[datetime, list[str]]:
    """The client's instant on the server's clock, with its flags: the error is what ``sent_at`` shows."""
    flags = []
    error = now - sent_at if sent_at else timedelta(0)
    if abs(error) > policy.CLOCK_TOLERANCE:
        occurred_at += error
        flags.append("clock_corrected")
    if occurred_at > now:
        if occurred_at > now + policy.CLOCK_TOLERANCE:
            flags.append("clock_ahead")
        occurred_at = now
    if occurred_at < now - policy.OCCURRED_AT_MOST_BEFORE:
        flags.append("long_ago")
    return occurred_at, flags
