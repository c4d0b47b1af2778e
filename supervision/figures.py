"""What is counted, as data: the figures behind the rates (field rules, section 7), and why an event counts.

A figure is a condition over ``supervision.facts`` (``t0`` and ``t1`` are the period's ends), or the sum of others
that exclude each other. A void event is in no figure but those that keep what was filed.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise


@dataclass(frozen=True)
class Figure:
    """``at`` names the fact that puts it in the period (a stock's is the period's end), ``due`` what it is judged by.

    ``why`` says of one event why it counts, with %(at)s, %(due)s and the %(span)s between; the first of
    ``unless`` whose fact holds replaces it. ``of_void``: what was filed and then voided stays in.
    """

    code: str
    name: Words
    when: str = ""
    parts: tuple[str, ...] = ()
    at: str = "t1"
    due: str = ""
    why: Words = ""
    unless: tuple[tuple[str, Words], ...] = ()
    of_void: bool = False


def within(fact: str) -> str:
    return f"{fact} >= t0 AND {fact} < t1"


def in_time(fact: str, due: str) -> str:
    return f"coalesce({fact} <= {due}, false)"


def late(fact: str, due: str) -> str:
    return f"NOT {in_time(fact, due)}"


HANDLED_IN_TIME = "NOT coalesce(fed_back_late, false)"

FIGURES: dict[str, Figure] = {
    figure.code: figure
    for figure in [
        # Reports and the desk's first act -------------------------------------------------------------
        Figure(
            "reported",
            pgettext_lazy("figure", "Reported"),
            within("recorded_at"),
            at="recorded_at",
            why=_("Reported at %(at)s."),
            of_void=True,
        ),
        Figure(
            "valid",
            pgettext_lazy("figure", "Valid reports"),
            f"{within('recorded_at')} AND filed_at < t1",
            at="filed_at",
            why=_("Reported in the period and filed at %(at)s, before its end."),
            of_void=True,
        ),
        Figure(
            "accepted_on_time",
            pgettext_lazy("figure", "Accepted on time"),
            f"{within('first_act_at')} AND {in_time('first_act_at', 'first_act_due')}",
            at="first_act_at",
            due="first_act_due",
            why=_("The desk first acted at %(at)s, %(span)s before its deadline, %(due)s."),
            of_void=True,
        ),
        Figure(
            "accepted_late",
            pgettext_lazy("figure", "Accepted late"),
            f"{within('first_act_at')} AND {late('first_act_at', 'first_act_due')}",
            at="first_act_at",
            due="first_act_due",
            why=_("The desk first acted at %(at)s, %(span)s after its deadline, %(due)s."),
            of_void=True,
        ),
        Figure(
            "accepted",
            pgettext_lazy("figure", "First acts of the desk"),
            parts=("accepted_on_time", "accepted_late"),
        ),
        Figure(
            "filed_on_time",
            pgettext_lazy("figure", "Filed on time"),
            f"{within('filed_at')} AND {in_time('filed_at', 'filing_due')}",
            at="filed_at",
            due="filing_due",
            why=_("Filed at %(at)s, %(span)s before the deadline, %(due)s."),
            of_void=True,
        ),
        Figure(
            "filed_late",
            pgettext_lazy("figure", "Filed late"),
            f"{within('filed_at')} AND {late('filed_at', 'filing_due')}",
            at="filed_at",
            due="filing_due",
            why=_("Filed at %(at)s, %(span)s after the deadline, %(due)s."),
            of_void=True,
        ),
        Figure("filed", pgettext_lazy("figure", "Filed"), parts=("filed_on_time", "filed_late")),
        Figure(
            "filed_accurate",
            pgettext_lazy("figure", "Filed and not voided"),
            within("filed_at"),
            at="filed_at",
            why=_("Filed at %(at)s and not voided since."),
        ),
        # Checks on the spot before accepting ----------------------------------------------------------
        Figure(
            "spot_on_time",
            pgettext_lazy("figure", "Reports checked on time"),
            f"{within('spot_answered_at')} AND spot_answered_at <= spot_due",
            at="spot_answered_at",
            due="spot_due",
            why=_("Checked on the spot at %(at)s, %(span)s before the deadline, %(due)s."),
        ),
        Figure(
            "spot_late",
            pgettext_lazy("figure", "Reports checked late"),
            f"{within('spot_answered_at')} AND spot_answered_at > spot_due",
            at="spot_answered_at",
            due="spot_due",
            why=_("Checked on the spot at %(at)s, %(span)s after the deadline, %(due)s."),
        ),
        Figure(
            "spot_missed",
            pgettext_lazy("figure", "Reports not checked in time"),
            f"{within('spot_due')} AND spot_answered_at IS NULL"
            " AND (spot_given_up_at IS NULL OR spot_given_up_at >= spot_due)",
            at="spot_due",
            why=_("Nobody had checked it on the spot when the deadline passed, %(at)s."),
        ),
        Figure(
            "spot_expected",
            pgettext_lazy("figure", "Reports that should be checked"),
            parts=("spot_on_time", "spot_late", "spot_missed"),
        ),
        # Dispatch and returns -------------------------------------------------------------------------
        Figure(
            "dispatched_on_time",
            pgettext_lazy("figure", "Dispatched on time"),
            f"{within('dispatched_at')} AND {in_time('dispatched_at', 'dispatch_due')}",
            at="dispatched_at",
            due="dispatch_due",
            why=_("First dispatched at %(at)s, %(span)s before the deadline, %(due)s."),
        ),
        Figure(
            "dispatched_late",
            pgettext_lazy("figure", "Dispatched late"),
            f"{within('dispatched_at')} AND {late('dispatched_at', 'dispatch_due')}",
            at="dispatched_at",
            due="dispatch_due",
            why=_("First dispatched at %(at)s, %(span)s after the deadline, %(due)s."),
            unless=(("sent_by_system", _("Dispatched by the system at %(at)s: the desk had not accepted.")),),
        ),
        Figure(
            "dispatched",
            pgettext_lazy("figure", "Dispatched"),
            parts=("dispatched_on_time", "dispatched_late"),
        ),
        Figure(
            "overdue_undispatched",
            pgettext_lazy("figure", "Overdue and not dispatched"),
            "dispatch_due_then < t1 AND (dispatched_at IS NULL OR dispatched_at >= t1) AND open_then",
            due="dispatch_due_then",
            why=_("Filed and not dispatched at the period's end, %(span)s past the deadline, %(due)s."),
        ),
        Figure(
            "should_dispatch",
            pgettext_lazy("figure", "Should be dispatched"),
            parts=("dispatched_on_time", "dispatched_late", "overdue_undispatched"),
        ),
        Figure(
            "dispatched_accurate",
            pgettext_lazy("figure", "Dispatched to the right unit"),
            f"{within('dispatched_at')} AND NOT returned_with_cause AND NOT recalled",
            at="dispatched_at",
            why=_("First dispatched at %(at)s, never returned with cause, never recalled."),
        ),
        Figure(
            "returned_upheld",
            pgettext_lazy("figure", "Returned, upheld"),
            f"{within('returned_at')} AND NOT coalesce(return_refused, false)",
            at="returned_at",
            why=_("Returned at %(at)s; the return stands."),
        ),
        Figure(
            "returned_refused",
            pgettext_lazy("figure", "Returned without cause"),
            f"{within('returned_at')} AND coalesce(return_refused, false)",
            at="returned_at",
            why=_("Returned at %(at)s; the desk refused the return as groundless."),
        ),
        Figure(
            "returned", pgettext_lazy("figure", "Returned"), parts=("returned_upheld", "returned_refused")
        ),
        # Handling and the check of its result ---------------------------------------------------------
        Figure(
            "handled_on_time",
            pgettext_lazy("figure", "Handled on time"),
            f"{within('fed_back_at')} AND {HANDLED_IN_TIME}",
            at="fed_back_at",
            due="feedback_due",
            why=_("Fed back at %(at)s, %(span)s before the deadline, %(due)s; every round was in time."),
        ),
        Figure(
            "handled_late",
            pgettext_lazy("figure", "Handled late"),
            f"{within('fed_back_at')} AND NOT {HANDLED_IN_TIME}",
            at="fed_back_at",
            due="feedback_due",
            why=_("Fed back at %(at)s, %(span)s after the deadline, %(due)s."),
            unless=(("last_round_in_time", _("Fed back in time at %(at)s, but an earlier round was late.")),),
        ),
        Figure("handled", pgettext_lazy("figure", "Handled"), parts=("handled_on_time", "handled_late")),
        Figure(
            "overdue_unhandled",
            pgettext_lazy("figure", "Overdue and not handled"),
            "open_then AND handle_due_then < t1 AND coalesce(handle_stopped_at > handle_due_then, true)",
            due="handle_due_then",
            why=_("Not fed back at the period's end, %(span)s past the deadline, %(due)s."),
            unless=(("handle_stopped_at", _("On hold, but the deadline, %(due)s, had passed before.")),),
        ),
        Figure(
            "should_handle",
            pgettext_lazy("figure", "Should be handled"),
            parts=("handled_on_time", "handled_late", "overdue_unhandled"),
        ),
        Figure(
            "checked_on_time",
            pgettext_lazy("figure", "Results checked on time"),
            f"{within('checked_at')} AND {in_time('checked_at', 'check_due')}",
            at="checked_at",
            due="check_due",
            why=_("Result checked at %(at)s, %(span)s before the deadline, %(due)s."),
        ),
        Figure(
            "checked_late",
            pgettext_lazy("figure", "Results checked late"),
            f"{within('checked_at')} AND {late('checked_at', 'check_due')}",
            at="checked_at",
            due="check_due",
            why=_("Result checked at %(at)s, %(span)s after the deadline, %(due)s."),
        ),
        Figure(
            "checked", pgettext_lazy("figure", "Results checked"), parts=("checked_on_time", "checked_late")
        ),
        Figure(
            "overdue_unchecked",
            pgettext_lazy("figure", "Overdue and not checked"),
            "check_due_then < t1 AND open_then",
            due="check_due_then",
            why=_("Waiting for its check at the period's end, %(span)s past the deadline, %(due)s."),
        ),
        Figure(
            "should_check",
            pgettext_lazy("figure", "Results that should be checked"),
            parts=("checked_on_time", "checked_late", "overdue_unchecked"),
        ),
        Figure(
            "reworked",
            pgettext_lazy("figure", "Sent back for rework"),
            f"{within('checked_at')} AND reworked",
            at="checked_at",
            why=_("Failed a check at least once; last checked at %(at)s."),
        ),
        # Closing --------------------------------------------------------------------------------------
        Figure(
            "closed_on_time",
            pgettext_lazy("figure", "Closed on time"),
            f"{within('closed_at')} AND closed_at <= whole_due AND NOT forced",
            at="closed_at",
            due="whole_due",
            why=_("Closed at %(at)s, %(span)s before the whole deadline, %(due)s."),
        ),
        Figure(
            "closed_late",
            pgettext_lazy("figure", "Closed late"),
            f"{within('closed_at')} AND (closed_at > whole_due OR forced)",
            at="closed_at",
            due="whole_due",
            why=_("Closed at %(at)s, %(span)s after the whole deadline, %(due)s."),
            unless=(("forced", _("Closed by force at %(at)s, which is never on time.")),),
        ),
        Figure("closed", pgettext_lazy("figure", "Closed"), parts=("closed_on_time", "closed_late")),
        Figure(
            "overdue_open",
            pgettext_lazy("figure", "Overdue and open"),
            "open_then AND whole_due < t1 AND coalesce(whole_stopped_at > whole_due, true)",
            due="whole_due",
            why=_("Open at the period's end, %(span)s past the whole deadline, %(due)s."),
            unless=(
                ("whole_stopped_at", _("It stands still, but the whole deadline, %(due)s, passed before.")),
            ),
        ),
        Figure(
            "should_close",
            pgettext_lazy("figure", "Should be closed"),
            parts=("closed_on_time", "closed_late", "overdue_open"),
        ),
        Figure(
            "self_closed",
            pgettext_lazy("figure", "Closed on the spot"),
            f"{within('closed_at')} AND self_closed",
            at="closed_at",
            why=_("Closed on the spot at %(at)s."),
        ),
        Figure(
            "flow_on_time",
            pgettext_lazy("figure", "Closed on time after dispatch"),
            f"{within('closed_at')} AND closed_at <= whole_due AND NOT forced AND NOT self_closed",
            at="closed_at",
            due="whole_due",
            why=_("Closed at %(at)s, %(span)s before the whole deadline, %(due)s, and not on the spot."),
        ),
        Figure(
            "flow_late",
            pgettext_lazy("figure", "Closed late after dispatch"),
            f"{within('closed_at')} AND (closed_at > whole_due OR forced) AND NOT self_closed",
            at="closed_at",
            due="whole_due",
            why=_("Closed at %(at)s, %(span)s after the whole deadline, %(due)s, and not on the spot."),
            unless=(("forced", _("Closed by force at %(at)s, which is never on time.")),),
        ),
        Figure(
            "flow_should_close",
            pgettext_lazy("figure", "Should be closed, without what was closed on the spot"),
            parts=("flow_on_time", "flow_late", "overdue_open"),
        ),
        # What came of it ------------------------------------------------------------------------------
        Figure(
            "satisfied",
            pgettext_lazy("figure", "Satisfied"),
            f"{within('rated_at')} AND rating IN ('very_good', 'good')",
            at="rated_at",
            why=_("Rated satisfied or better at %(at)s."),
        ),
        Figure(
            "unsatisfied",
            pgettext_lazy("figure", "Fair or unsatisfied"),
            f"{within('rated_at')} AND rating IN ('fair', 'bad')",
            at="rated_at",
            why=_("Rated fair or worse at %(at)s."),
        ),
        Figure("rated", pgettext_lazy("figure", "Rated"), parts=("satisfied", "unsatisfied")),
        Figure(
            "recurred",
            pgettext_lazy("figure", "Came back"),
            f"{within('closed_at')} AND recurred_at IS NOT NULL",
            at="recurred_at",
            why=_("The same item was reported again within 50 m at %(at)s, within 30 days of the closing."),
        ),
    ]
}


def parts_of(figure: str) -> tuple[str, ...]:
    """The figures it is the sum of, or itself."""
    return FIGURES[figure].parts or (figure,)


def condition(figure: str) -> str:
    """The SQL over ``facts`` that is true of exactly the events of a figure."""
    if FIGURES[figure].parts:
        return " OR ".join(f"({condition(part)})" for part in FIGURES[figure].parts)
    return FIGURES[figure].when if FIGURES[figure].of_void else f"({FIGURES[figure].when}) AND NOT void"
