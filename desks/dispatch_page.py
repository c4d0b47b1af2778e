"""What the page of a dispatch shows: ranked leads with their reasons, assistants, and when the order would be due."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby

from django.utils.translation import gettext as _

from accounts.models import Organization
from desks.clock_face import limit_words, words_of
from desks.move_page import Choice, MovePage, by_kind
from dispatch.clocks import handle_limit, sign_limit
from dispatch.leads import Lead, leads, named_to_assist
from dispatch.working_time import Limit

RANKED = 9
"""So many leads stand open, each with the digit that chooses it."""


@dataclass(frozen=True)
class LeadChoice:
    """``key``: the digit that chooses it; None for those that stand folded."""

    lead: Lead
    chosen: bool
    key: int | None = None


@dataclass(frozen=True)
class Due:
    label: str
    at: datetime
    limit: str


class DispatchPage(MovePage):
    @cached_property
    def _units(self) -> list[Organization]:
        """With their parents and areas, and whether anybody is in post there."""
        return list(self.form.fields["lead"].queryset.select_related("parent", "area"))  # type: ignore[attr-defined]

    @cached_property
    def proposed(self) -> Organization | None:
        return self.form.proposal.lead

    @cached_property
    def _ranked(self) -> list[Lead]:
        return leads(self.situation, self.form.proposal, self._units)

    @cached_property
    def leads(self) -> list[LeadChoice]:
        """The best ones with their reasons; a key from 1 on chooses one. The proposed one is chosen until the
        person has chosen."""
        return [self._lead_choice(lead, n) for n, lead in enumerate(self._ranked[:RANKED], start=1)]

    @property
    def other_leads(self) -> list[tuple[str, list[LeadChoice]]]:
        """The rest, by kind of organisation."""
        rest = sorted(self._ranked[RANKED:], key=lambda lead: self._units.index(lead.unit))
        return [
            (str(Organization.Kind(kind).label), [self._lead_choice(lead) for lead in rows])
            for kind, rows in groupby(rest, key=lambda lead: lead.unit.kind)
        ]

    @property
    def other_is_chosen(self) -> bool:
        return any(choice.chosen for _kind, rows in self.other_leads for choice in rows)

    def _lead_choice(self, lead: Lead, key: int | None = None) -> LeadChoice:
        return LeadChoice(lead, str(lead.unit.pk) == self._chosen_lead, key)

    @cached_property
    def _chosen_lead(self) -> str:
        value = self.form["lead"].value()
        return str(value.pk if isinstance(value, Organization) else value)

    @property
    def assistants(self) -> list[tuple[str, list[Choice]]]:
        chosen = {str(value) for value in self.form["assistants"].value() or ()}
        return by_kind([unit for unit in self._units if unit not in self._named], chosen)

    @property
    def named_assistants(self) -> list[Choice]:
        chosen = {str(value) for value in self.form["assistants"].value() or ()}
        return [Choice(unit, str(unit.pk) in chosen) for unit in self._named]

    @cached_property
    def _named(self) -> list[Organization]:
        return named_to_assist(self.event.item, self._units)

    @cached_property
    def _limit(self) -> Limit:
        """The limit looked at: the shorter one when it can be used, else the item's own, half of it once reopened."""
        item = self.event.item
        value = self._value("amount")
        if value.isdecimal() and 0 < int(value) <= self._most_amount:
            return Limit.from_item(int(value), item.limit_unit)
        own = handle_limit(item)
        return own.half(self.situation.policy.rework_percent) if self.event.reopen_count else own

    @property
    def limit(self) -> str:
        return limit_words(self._limit.amount, self._limit.unit.value)

    @property
    def deadline(self) -> datetime:
        return self.situation.calendar.due(self.situation.now, self._limit)

    @property
    def orders_deadlines(self) -> list[Due]:
        """When it is due, sent now: to sign (never for one's own organisation), to handle, and as a whole."""
        sign = sign_limit(self.event, self._limit, self.situation.policy)
        rows = [
            Due(_("Sign by"), self.situation.calendar.due(self.situation.now, sign), words_of(sign)),
            Due(_("Handle by"), self.deadline, self.limit),
            Due(_("Whole deadline"), self.event.whole_due, ""),
        ]
        return rows[1:] if self._chosen_lead == str(self.event.desk_id) else rows
