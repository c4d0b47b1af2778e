"""The district's numbers as a form: one field for a number, three where it depends on the urgency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.rule_days import from_day
from dispatch.policy import GROUPS, NUMBERS, Number, Policy
from events.models import Urgency

DEFAULTS = Policy()


@dataclass(frozen=True)
class Part:
    """One field of a number; ``urgency`` is empty where the number has only one."""

    urgency: str
    bound: forms.BoundField
    default: int
    is_default: bool

    @property
    def label(self) -> str:
        return str(Urgency(self.urgency).label) if self.urgency else ""


class SettingsForm(forms.Form):
    """``held``: the numbers in force. ``valid_from`` is a day; empty is at once."""

    valid_from = forms.DateField(
        required=False,
        label=_("In force from"),
        help_text=_("Empty: at once. A day: from its beginning."),
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}),
    )

    def __init__(self, data: Any = None, *, held: Policy, now: datetime):
        super().__init__(data)
        self.held, self.now = held, now
        for name, number in NUMBERS.items():
            for urgency, value in _parts(getattr(held, name)).items():
                self.fields[_field_name(name, urgency)] = _field(number, value)

    def groups(self) -> Iterator[tuple[Any, list[tuple[str, Number, list[Part]]]]]:
        for title, numbers in GROUPS.values():
            yield title, [(name, number, list(self._parts(name))) for name, number in numbers.items()]

    def _parts(self, name: str) -> Iterator[Part]:
        defaults = _parts(getattr(DEFAULTS, name))
        for urgency, value in _parts(getattr(self.held, name)).items():
            yield Part(
                urgency, self[_field_name(name, urgency)], defaults[urgency], value == defaults[urgency]
            )

    def clean_valid_from(self) -> datetime:
        return from_day(self.cleaned_data["valid_from"], self.now)

    @property
    def values(self) -> dict[str, Any]:
        """By the names of ``Policy``, for ``change_settings``."""
        found = {}
        for name in NUMBERS:
            parts = {
                urgency: self.cleaned_data[_field_name(name, urgency)]
                for urgency in _parts(getattr(self.held, name))
            }
            found[name] = parts.get("", parts)
        return found


def in_words(value: Any) -> str:
    """A number, or one for each urgency."""
    if not isinstance(value, dict):
        return str(value)
    return " · ".join(f"{Urgency(urgency).label} {number}" for urgency, number in _parts(value).items())


def _parts(value: Any) -> dict[str, int]:
    """The most urgent first, as everywhere: what was saved comes back in PostgreSQL's own order of keys."""
    if isinstance(value, int):
        return {"": value}
    return {urgency: value[urgency] for urgency in reversed(Urgency.values) if urgency in value}


def _field_name(name: str, urgency: str) -> str:
    return f"{name}-{urgency}" if urgency else name


def _field(number: Number, value: int) -> forms.IntegerField:
    bounds = {"least": number.least, "most": number.most}
    words = _("Only %(least)s to %(most)s is possible here. Enter a whole number between them.") % bounds
    return forms.IntegerField(
        min_value=number.least,
        max_value=number.most,
        initial=value,
        widget=forms.NumberInput(attrs={"class": "form-control", "inputmode": "numeric"}),
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid", "required"), words),
    )
