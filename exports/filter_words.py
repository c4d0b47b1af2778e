"""The filters an export was asked for with, in words: what each is called, and its value.

Whether they can be used is the source's to say (``exports.rows``); a value that makes no sense is shown as it was given.
Numbers of persons are masked.
"""

from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desks.near import place_of
from desks.places import name_of
from events.catalogue import versions
from events.masking import mask_numbers
from events.models import Category, Platform, Source, State, Urgency
from exports.models import Kind
from grids.models import District
from supervision.cuts import CUTS
from supervision.forms import PRESETS

Word = Callable[[District, str], str | Promise]


def filters_in_words(kind: str, query: str, district: District) -> list[tuple[str, str]]:
    """Label and value of each filter of an export's ``query``. A query for a category and for a place."""
    given = QueryDict(query, mutable=True)
    if kind == Kind.RATES:
        given.setdefault("group", next(iter(CUTS)))
    return [
        (str(label), mask_numbers(_("; ").join(str(word(district, value)) for value in values)))
        for name, (label, word) in (OF_RATES if kind == Kind.RATES else OF_EVENTS).items()
        if (values := [value for value in given.getlist(name) if value])
    ]


def _plain(district: District, value: str) -> str:
    return value


def _flag(district: District, value: str) -> str:
    return _("yes") if value.lower() == "true" else _("no")


def _one_of(choices: Any) -> Word:
    named = dict(choices)
    return lambda district, value: named.get(value, value)


def _item(district: District, code: str) -> str:
    known = versions(district).get(code)
    return known[-1].name if known else code


def _category(district: District, code: str) -> str:
    row = Category.objects.filter(district=district, code=code).first()
    return row.name if row else code


def _near(district: District, code: str) -> str:
    place = place_of(district, code)
    return place.full_name if place else code


SHARED: dict[str, tuple[Promise, Word]] = {
    "area": (gettext_lazy("Place"), name_of),
    "item": (gettext_lazy("Item"), _item),
    "urgency": (gettext_lazy("Urgency"), _one_of(Urgency.choices)),
}
OF_EVENTS: dict[str, tuple[Promise, Word]] = {
    "q": (gettext_lazy("Search"), _plain),
    "state": (gettext_lazy("State"), _one_of(State.choices)),
    **SHARED,
    "near": (gettext_lazy("Near the place"), _near),
    "since": (gettext_lazy("Reported since"), _plain),
    "until": (gettext_lazy("until"), _plain),
    "mine": (gettext_lazy("Only mine"), _flag),
    "open": (gettext_lazy("Only open"), _flag),
}
"""The list page's filters by name (``desks.filters.EventFilter``)."""
OF_RATES: dict[str, tuple[Promise, Word]] = {
    "group": (gettext_lazy("By"), _one_of((code, cut.title) for code, cut in CUTS.items())),
    "period": (gettext_lazy("Period"), _one_of(PRESETS)),
    "from": (gettext_lazy("From"), _plain),
    "to": (gettext_lazy("To"), _plain),
    **SHARED,
    "category": (gettext_lazy("Category"), _category),
    "platform": (gettext_lazy("Platform"), _one_of(Platform.choices)),
    "source": (gettext_lazy("Source"), _one_of(Source.choices)),
}
"""The rates page's filters by name (``supervision.forms.RatesForm``)."""
