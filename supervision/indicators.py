"""The indicators of the field rules, section 7, as data: what is divided by what, and whose it is.

The formula in words is made of the figures' names. Indicators without a source in this product (visits, mediation,
alarms, findings of inspectors) are not here.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from supervision.figures import FIGURES, Words


class Owner(StrEnum):
    """Whose figure it is when it is cut by organisation: the fact that names the organisation."""

    DESK = "desk_id"
    SENDER = "sender_id"
    LEAD = "lead_id"
    RETURNER = "returner_id"


@dataclass(frozen=True)
class Indicator:
    """A rate; without ``denominator`` a number. ``owner`` is None where its figures belong to two organisations.

    ``low_is_good`` is None where neither is.
    """

    code: str
    name: Words
    numerator: str
    denominator: str = ""
    owner: Owner | None = None
    apart: tuple[str, ...] = ()
    low_is_good: bool | None = False
    note: Words = ""

    @property
    def formula(self) -> str:
        part = FIGURES[self.numerator].name
        return f"{part} ÷ {FIGURES[self.denominator].name}" if self.denominator else str(part)

    @property
    def counts(self) -> tuple[str, ...]:
        """The figures it is made of."""
        return (self.numerator, self.denominator) if self.denominator else (self.numerator,)

    @property
    def figures(self) -> tuple[str, ...]:
        """Those and the ones shown apart."""
        return (*self.counts, *self.apart)


@dataclass(frozen=True)
class Family:
    title: Words
    indicators: tuple[Indicator, ...]


FAMILIES: dict[str, Family] = {
    "closure": Family(
        _("Closure"),
        (
            Indicator(
                "on_time_closure", _("On-time closure rate"), "closed_on_time", "should_close", Owner.LEAD
            ),
            Indicator("closure", _("Closure rate"), "closed", "should_close", Owner.LEAD),
            Indicator(
                "late_closure",
                _("Late closure rate"),
                "closed_late",
                "should_close",
                Owner.LEAD,
                low_is_good=True,
            ),
            Indicator(
                "overdue_rate",
                _("Overdue rate"),
                "overdue_open",
                "should_close",
                Owner.LEAD,
                low_is_good=True,
            ),
            Indicator(
                "flow_closure",
                _("On-time closure rate after dispatch"),
                "flow_on_time",
                "flow_should_close",
                Owner.LEAD,
                apart=("flow_late",),
            ),
            Indicator("self_close", _("Share closed on the spot"), "self_closed", "closed", low_is_good=None),
        ),
    ),
    "reports": Family(
        _("Reports"),
        (
            Indicator("valid_reports", _("Valid report rate"), "valid", "reported", Owner.DESK),
            Indicator("filing", _("Filing rate"), "filed", "accepted", Owner.DESK),
            Indicator(
                "on_time_accept",
                _("On-time acceptance rate"),
                "accepted_on_time",
                "accepted",
                Owner.DESK,
                apart=("accepted_late",),
            ),
            Indicator(
                "on_time_filing",
                _("On-time filing rate"),
                "filed_on_time",
                "filed",
                Owner.DESK,
                apart=("filed_late",),
            ),
            Indicator("accurate_filing", _("Accurate filing rate"), "filed_accurate", "filed", Owner.DESK),
            Indicator(
                "on_time_spot_check",
                _("On-time rate of checks before accepting"),
                "spot_on_time",
                "spot_expected",
                Owner.DESK,
                apart=(
                    "spot_late",
                    "spot_missed",
                ),
            ),
        ),
    ),
    "dispatch": Family(
        _("Dispatch"),
        (
            Indicator(
                "on_time_dispatch",
                _("On-time dispatch rate"),
                "dispatched_on_time",
                "should_dispatch",
                Owner.SENDER,
                apart=(
                    "dispatched_late",
                    "overdue_undispatched",
                ),
            ),
            Indicator(
                "accurate_dispatch",
                _("Accurate dispatch rate"),
                "dispatched_accurate",
                "should_dispatch",
                Owner.SENDER,
            ),
            Indicator(
                "returns",
                _("Return rate"),
                "returned",
                "dispatched",
                apart=("returned_upheld", "returned_refused"),
                low_is_good=True,
            ),
            Indicator(
                "returns_of_unit",
                _("Returns"),
                "returned",
                owner=Owner.RETURNER,
                apart=("returned_upheld", "returned_refused"),
                low_is_good=True,
                note=_("What was dispatched belongs to the desk, so there is no rate by unit."),
            ),
        ),
    ),
    "handling": Family(
        _("Handling"),
        (
            Indicator("handling", _("Handling rate"), "handled", "should_handle", Owner.LEAD),
            Indicator(
                "on_time_handling",
                _("On-time handling rate"),
                "handled_on_time",
                "should_handle",
                Owner.LEAD,
                apart=(
                    "handled_late",
                    "overdue_unhandled",
                ),
                note=_("On time when every round of feedback was."),
            ),
            Indicator("rework", _("Rework rate"), "reworked", "checked", Owner.LEAD, low_is_good=True),
            Indicator(
                "on_time_check",
                _("On-time rate of result checks"),
                "checked_on_time",
                "should_check",
                Owner.DESK,
                apart=(
                    "checked_late",
                    "overdue_unchecked",
                ),
            ),
        ),
    ),
    "outcome": Family(
        _("Outcome"),
        (
            Indicator(
                "satisfaction",
                _("Satisfaction rate"),
                "satisfied",
                "rated",
                Owner.LEAD,
                apart=("unsatisfied",),
            ),
            Indicator(
                "recurrence",
                _("Recurrence rate"),
                "recurred",
                "closed",
                Owner.LEAD,
                low_is_good=True,
                note=_(
                    "The same item within 50 m and 30 days of the closing; an event without a point is never found again."
                ),
            ),
            Indicator(
                "solved_2018",
                _("Solved, as reported in 2018"),
                "closed",
                "reported",
                low_is_good=None,
                note=_("Not comparable with the closure rate: what is closed may be reported earlier."),
            ),
        ),
    ),
}
INDICATORS: dict[str, Indicator] = {
    indicator.code: indicator for family in FAMILIES.values() for indicator in family.indicators
}
