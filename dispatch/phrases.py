"""Phrases for the texts of moves (话术): whose they are, what may stand in them, how they read for an event.

The district's are kept by whoever keeps its rules, an organisation's by its head, everybody keeps their own. A text
is plain but for the placeholders of ``PLACEHOLDERS``: any other brace is refused when it is saved, so nothing in it
is ever evaluated.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scope import Scope
from dispatch.actions import DATA
from dispatch.models import Phrase
from dispatch.workflow import VERBS, Kind
from events.models import Event
from grids.models import District

PLACEHOLDERS = {
    "item": _("name of the item"),
    "place": _("place of the event"),
    "number": _("number of the event"),
    "lead": _("the lead; before a dispatch the one chosen"),
    "deadline": _("deadline to handle; before a dispatch the one shown"),
}
LATE = ("lead", "deadline")
"""Known only as the form is filled."""
BRACES = re.compile(r"\{([^{}]*)\}")
OFFERED = 30


class PhraseError(ValueError):
    """The text cannot be saved; the message says why."""

    code = "phrase"

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def verbs_with_text() -> dict[str, str]:
    """Verbs that ask a person for words: code to name, in the table's order."""
    return {
        verb.code: str(verb.label)
        for verb in VERBS.values()
        if not verb.is_system and not verb.creates and any(need.kind is Kind.TEXT for need in verb.needs)
    }


def check_text(text: str) -> None:
    """Raises PhraseError for a placeholder that is not known, or a brace alone."""
    for name in BRACES.findall(text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise PhraseError(
                str(_("There is no placeholder {%(name)s}. There are: %(known)s."))
                % {"name": name, "known": known},
                "unknown_placeholder",
            )
    if set(BRACES.sub("", text)) & set("{}"):
        raise PhraseError(str(_("A brace stands alone. Write a placeholder whole, as {item}.")), "lone_brace")


def rendered(text: str, values: Mapping[str, str]) -> str:
    """Every placeholder of ``values`` put in; the others are left as they stand."""
    return BRACES.sub(lambda found: values.get(found[1], found[0]), text)


def offered(event: Event, verb: str, user: User, scope: Scope) -> list[Phrase]:
    """For a move of an event, one's own first, then the organisation's, then the district's; the often used first.

    One statement.
    """
    units = [post.organization_id for post in scope.posts]
    owner = Q(person=user) | Q(organization__in=units) | Q(person=None, organization=None)
    rows = Phrase.objects.filter(owner, district=user.district_id, verb=verb, is_active=True)
    fitting = rows.alias(code_of_item=Value(event.item.code)).filter(
        code_of_item__startswith=F("item_prefix")
    )
    nearest = (F("person").asc(nulls_last=True), F("organization").asc(nulls_last=True))
    return list(fitting.order_by(*nearest, "-uses", "position", "id")[:OFFERED])


# Keeping them --------------------------------------------------------------------------------------


def kept_by(user: User, scope: Scope) -> QuerySet[Phrase]:
    """Those a person may change: the district's, the headed organisations', one's own."""
    owner = Q(person=user) | Q(organization__in=scope.units("head_org"))
    if scope.units("manage_rules"):
        owner |= Q(person=None, organization=None)
    return Phrase.objects.filter(owner, district=user.district_id)


def seen_by(user: User, scope: Scope) -> QuerySet[Phrase]:
    """Those a person may use."""
    units = [post.organization_id for post in scope.posts]
    owner = Q(person=user) | Q(organization__in=units) | Q(person=None, organization=None)
    return Phrase.objects.filter(owner, district=user.district_id, is_active=True)


@transaction.atomic
def save_phrase(*, phrase: Phrase) -> Phrase:
    """Raises PhraseError. Whose it is has been decided by the caller through ``kept_by``."""
    for text in (phrase.text_zh, phrase.text_en):
        check_text(text)
    phrase.save()
    return phrase


def remove_phrase(*, phrase: Phrase) -> None:
    """It is offered no more; the product's own stay away when the list is loaded again."""
    phrase.is_active = False
    phrase.save(update_fields=["is_active"])


def count_uses(*, keys: Iterable[str], user: User, scope: Scope) -> None:
    """Once for each phrase put into a move that was made. One statement, or none."""
    wanted = [key for key in keys if key.isdecimal() and len(key) < 10][:OFFERED]
    if wanted:
        seen_by(user, scope).filter(pk__in=wanted).update(uses=F("uses") + 1)


@transaction.atomic
def load_phrases(*, district: District, path: Path = DATA / "phrases.csv") -> int:
    """Bring the product's own phrases to what the list says; what a district took away stays away. Idempotent."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [Phrase(district=district, position=n, **row) for n, row in enumerate(csv.DictReader(file))]
    for row in rows:
        check_text(row.text_zh)
        check_text(row.text_en)
    known = set(Phrase.objects.filter(district=district).exclude(code="").values_list("code", flat=True))
    Phrase.objects.bulk_create([row for row in rows if row.code not in known])
    return len(rows)
