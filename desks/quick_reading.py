"""Serializes lists of rows faster than Django REST framework does by itself, to the same answer.

The framework asks of every value of every row anew whether it can be called and in which zone an instant is; for a
list of 50 that is half of the request. Here each field is looked at once: plain columns, dotted ones and
labels are read directly, instants are written in the request's zone; every other field as ever.
"""

import re
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils import timezone
from rest_framework import serializers
from rest_framework.fields import empty

Read = Callable[[Any], Any]
DISPLAY = re.compile(r"get_(\w+)_display")
PLAIN: tuple[type[serializers.Field], ...] = (
    serializers.BooleanField, serializers.IntegerField, serializers.FloatField, serializers.CharField,
    serializers.ChoiceField,
)  # fmt: skip


class QuickReading(serializers.ModelSerializer):
    """Put it before a serializer of a model; it changes no answer."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: read(instance) for name, read in self._reads}

    @cached_property
    def _reads(self) -> list[tuple[str, Read]]:
        """Made once for a request: the serializer of a list's rows is one object."""
        zone = timezone.get_current_timezone()
        model = self.Meta.model
        return [
            (str(field.field_name), _label(field, model) or _read(field, zone))
            for field in self._readable_fields
        ]


def _label(field: serializers.Field, model: type[Model]) -> Read | None:
    """Of a ``get_..._display``: every label said once."""
    found = DISPLAY.fullmatch(field.source or "")
    if found is None:
        return None
    name = found[1]
    labels = {value: str(label) for value, label in model._meta.get_field(name).flatchoices}

    def read(row: Any) -> Any:
        value = getattr(row, name)
        return labels.get(value, value)

    return read


def _read(field: serializers.Field, zone: tzinfo) -> Read:
    write: Read = field.to_representation
    if type(field) is serializers.DateTimeField and not hasattr(field, "format"):
        write = lambda value: _instant(value, zone)  # noqa: E731
    elif type(field) not in PLAIN or field.source == "*":
        return lambda row: _as_ever(field, row)
    attributes, default = field.source_attrs, field.default

    def read(row: Any) -> Any:
        try:
            for name in attributes:
                row = getattr(row, name)
        except (AttributeError, ObjectDoesNotExist):
            if default is empty:
                raise
            return default
        if callable(row):
            row = row()
        return None if row is None else write(row)

    return read


def _as_ever(field: serializers.Field, row: Any) -> Any:
    value = field.get_attribute(row)
    return None if value is None else field.to_representation(value)


def _instant(value: datetime, zone: tzinfo) -> str:
    text = value.astimezone(zone).isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
