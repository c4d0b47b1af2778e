"""The loop, as one table: which verb moves an event from where to where, who may, and what it needs.

Buttons, the API's ``allowed_actions``, the forms, the diagram in docs/ and the tests of role x verb x
state are derived from this table.
Source: the design's section 2; the field rules, sections 3 to 6.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dispatch import conditions as when
from dispatch.conditions import Condition
from events.models import OPEN_STATES, State

Words = str | Promise

ACCEPTING = (State.REPORTED, State.ACCEPTED)
AT_WORK = (State.DISPATCHED, State.HANDLING)
HELD_OR_NOT = (State.HANDLING, State.ON_HOLD)
"""On hold the lead asks again when the review is due, and the centre decides again."""


class Relation(StrEnum):
    """How a person must stand to an event for a permission to count."""

    ANYWHERE = "anywhere"
    AREA = "area"
    DESK = "desk"
    LEAD = "lead"
    ASSISTANT = "assistant"
    SAMPLER = "sampler"
    REPORTER = "reporter"
    ASKED = "asked"
    DISTRICT = "district"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True)
class Who:
    relation: Relation
    permission: str = ""
    only: Condition | None = None


def area(permission: str, only: Condition | None = None) -> Who:
    return Who(Relation.AREA, permission, only)


def desk(permission: str, only: Condition | None = None) -> Who:
    return Who(Relation.DESK, permission, only)


def anywhere(permission: str) -> Who:
    return Who(Relation.ANYWHERE, permission)


LEAD = Who(Relation.LEAD, "handle_events")
ASSISTANT = Who(Relation.ASSISTANT, "handle_events")
HEAD = Who(Relation.LEAD, "head_org")
ASKED = Who(Relation.ASKED, "accept_events")
SAMPLER = Who(Relation.SAMPLER, "confirm_samples")
REPORTER = Who(Relation.REPORTER)
CENTRE = Who(Relation.DISTRICT, "rule_district")
COMMAND = (Who(Relation.COMMAND, "accept_events"), Who(Relation.COMMAND, "dispatch_events"))
SYSTEM = Who(Relation.SYSTEM)


class Kind(StrEnum):
    """What a form field of a move holds."""

    TEXT = "text"
    REASON = "reason"
    ITEM = "item"
    AREA = "area"
    LEAD = "lead"
    ASSISTANTS = "assistants"
    AMOUNT = "amount"
    EVIDENCE = "evidence"
    EVENT = "event"
    INCIDENT = "incident"
    URGENCY = "urgency"
    DESK = "desk"
    DATE = "date"
    CHOICE = "choice"
    PERSON = "person"


@dataclass(frozen=True)
class Input:
    name: str
    kind: Kind
    label: Words
    required: bool = True
    help: Words = ""
    options: tuple[tuple[str, Words], ...] = ()
    instead: str = ""
    """The input that will do as well: one of the two is needed."""


def text(name: str, label: Words, *, required: bool = True, help: Words = "", instead: str = "") -> Input:
    return Input(name, Kind.TEXT, label, required, help, instead=instead)


NOTE = text("note", _("Note"), required=False)
REASON = text("reason", _("Reason"))
ITEM = Input("item", Kind.ITEM, _("Item"), False, _("Change it only if the report names the wrong one."))
PLACE = Input(
    "area_code", Kind.AREA, _("Place"), False, _("Change it only if the report names the wrong one.")
)
DECISION = Input(
    "decision",
    Kind.CHOICE,
    _("Decision"),
    options=(("granted", _("granted")), ("refused", pgettext_lazy("decision", "refused"))),
)
PROOF = Input(
    "evidence",
    Kind.EVIDENCE,
    _("Photos and documents"),
    help=_("The item's evidence is needed; it is listed below."),
)


@dataclass(frozen=True)
class Verb:
    """One row. ``target`` empty means the state stays; several targets are decided by the verb."""

    code: str
    label: Words
    done: Words
    sources: tuple[State, ...]
    target: tuple[State, ...] = ()
    who: tuple[Who, ...] = ()
    needs: tuple[Input, ...] = ()
    when: tuple[Condition, ...] = ()
    creates: bool = False
    is_move: bool = True
    primary: bool = False
    danger: bool = False

    @property
    def is_system(self) -> bool:
        return all(who.relation is Relation.SYSTEM for who in self.who)


def _table(rows: Iterable[Verb]) -> dict[str, Verb]:
    return {row.code: row for row in rows}


VERBS: dict[str, Verb] = _table(
    [
        Verb(
            "report",
            _("Report"),
            _("reported"),
            (),
            (State.REPORTED,),
            who=(anywhere("report_in_area"), anywhere("report_for_org")),
            creates=True,
            primary=True,
        ),
        Verb(
            "route",
            _("Route"),
            _("routed to the desk"),
            (State.REPORTED, State.CLOSED, State.MERGED),
            who=(SYSTEM,),
            is_move=False,
        ),
        Verb(
            "self_close",
            _("Close on the spot"),
            _("closed on the spot"),
            ACCEPTING,
            (State.CLOSED,),
            who=(area("self_close_in_area"), desk("self_close_events")),
            needs=(text("result", _("What was done")), PROOF),
            when=(when.ITEM_ALLOWS_SELF_CLOSE, when.SAMPLE_NOT_REFUSED),
        ),
        Verb(
            "confirm_sample",
            _("Confirm the sample"),
            _("confirmed the sample"),
            (State.CLOSED,),
            who=(SAMPLER,),
            needs=(NOTE,),
            when=(when.SAMPLE_PENDING, when.NOT_THE_CLOSER),
            primary=True,
        ),
        Verb(
            "refuse_sample",
            _("Refuse the sample"),
            _("refused the sample and reopened"),
            (State.CLOSED,),
            (State.ACCEPTED,),
            who=(SAMPLER,),
            needs=(REASON,),
            when=(when.ROUTED, when.SAMPLE_PENDING, when.NOT_THE_CLOSER),
            danger=True,
        ),
        Verb(
            "ask_check",
            _("Ask for a check on the spot"),
            _("asked for a check on the spot"),
            (State.REPORTED,),
            who=(desk("accept_events"),),
            needs=(text("question", _("What to look at"), required=False),),
            when=(
                when.ROUTED,
                when.NOT_CRITICAL,
                when.NOT_SENSITIVE,
                when.PLACE_HAS_A_GRID,
                when.not_asked("check"),
                when.NEVER_CHECKED,
            ),
        ),
        Verb(
            "answer_check",
            _("Answer the check"),
            _("answered the check on the spot"),
            (State.REPORTED,),
            who=(area("verify_in_area"),),
            needs=(
                Input(
                    "finding",
                    Kind.CHOICE,
                    _("Finding"),
                    options=(
                        ("true", _("true")),
                        ("not_a_fact", _("not a fact")),
                        ("other_place_or_item", _("other place or item")),
                    ),
                ),
                text("result", _("What you saw")),
                Input("evidence", Kind.EVIDENCE, _("Photos and documents"), False),
            ),
            when=(when.asked("check"),),
            primary=True,
        ),
        Verb(
            "accept",
            _("Accept"),
            _("accepted"),
            (State.REPORTED,),
            (State.ACCEPTED,),
            who=(desk("accept_events"), Who(Relation.DISTRICT, "rule_district", when.CRITICAL)),
            needs=(
                Input(
                    "item",
                    Kind.ITEM,
                    _("Item"),
                    False,
                    _("Change it only if the report names the wrong one."),
                ),
                Input(
                    "area_code",
                    Kind.AREA,
                    _("Place"),
                    False,
                    _("Change it only if the report names the wrong one."),
                ),
                NOTE,
            ),
            when=(when.ROUTED,),
            primary=True,
        ),
        Verb(
            "reject",
            _("Do not accept"),
            _("did not accept"),
            ACCEPTING,
            (State.REJECTED,),
            who=(desk("accept_events"),),
            needs=(
                Input("reason", Kind.REASON, _("Reason")),
                text("answer", _("Answer to the reporter")),
            ),
            when=(when.ROUTED,),
            danger=True,
        ),
        Verb(
            "restore",
            _("Restore"),
            _("restored"),
            (State.REJECTED, State.MERGED),
            (State.REPORTED,),
            who=(desk("accept_events"), area("supervise_area")),
            needs=(REASON,),
            when=(when.ROUTED,),
        ),
        Verb(
            "merge",
            _("Merge"),
            _("merged"),
            ACCEPTING,
            (State.MERGED,),
            who=(desk("accept_events"),),
            needs=(
                Input("leading", Kind.EVENT, _("Number of the leading event")),
                text("answer", _("Answer to the reporter"), required=False),
            ),
            when=(when.ROUTED,),
        ),
        Verb(
            "split",
            _("Split"),
            _("split off another event"),
            ACCEPTING,
            who=(desk("accept_events"),),
            needs=(
                Input("item", Kind.ITEM, _("Item of the new event")),
                PLACE,
                text("description", _("Description of the new event")),
            ),
            when=(when.ROUTED,),
        ),
        Verb(
            "correct",
            _("Correct"),
            _("corrected"),
            (*ACCEPTING, State.CLOSED),
            who=(
                desk("accept_events", only=when.NOT_CLOSED),
                Who(Relation.DISTRICT, "rule_district", when.CLOSED),
            ),
            needs=(
                ITEM,
                PLACE,
                Input("urgency", Kind.URGENCY, _("Urgency"), False, _("It may be raised, not lowered.")),
            ),
            when=(when.ROUTED,),
        ),
        Verb(
            "transfer",
            _("Transfer to another desk"),
            _("asked another desk to take it"),
            ACCEPTING,
            who=(desk("accept_events"),),
            needs=(Input("desk", Kind.DESK, _("Desk")), REASON),
            when=(when.ROUTED, when.A_DESK_BESIDE, when.not_asked("transfer")),
        ),
        Verb(
            "accept_transfer",
            _("Take the transfer"),
            _("took the transfer"),
            ACCEPTING,
            who=(ASKED,),
            needs=(NOTE,),
            when=(when.asked("transfer"),),
            primary=True,
        ),
        Verb(
            "refuse_transfer",
            _("Refuse the transfer"),
            _("refused the transfer, the district centre names the handler"),
            ACCEPTING,
            who=(ASKED,),
            needs=(REASON,),
            when=(when.asked("transfer"),),
            danger=True,
        ),
        Verb(
            "escalate",
            _("Escalate"),
            _("escalated"),
            (*ACCEPTING, *AT_WORK, State.FED_BACK),
            who=(desk("accept_events"),),
            needs=(REASON,),
            when=(when.ROUTED, when.A_DESK_ABOVE),
        ),
        Verb(
            "hand_down",
            _("Hand down"),
            _("handed down"),
            (State.ACCEPTED,),
            who=(desk("dispatch_events"),),
            needs=(Input("desk", Kind.DESK, _("Desk")), REASON),
            when=(when.HANDED_DOWN_ONCE, when.A_DESK_BELOW),
        ),
        Verb(
            "dispatch",
            _("Dispatch"),
            _("dispatched"),
            (State.ACCEPTED,),
            (State.DISPATCHED, State.HANDLING),
            who=(desk("dispatch_events"),),
            needs=(
                Input("lead", Kind.LEAD, _("Lead")),
                Input("assistants", Kind.ASSISTANTS, _("Assistants"), False),
                Input("amount", Kind.AMOUNT, _("Shorter limit"), False, _("Empty: the item's own limit.")),
                NOTE,
            ),
            primary=True,
        ),
        Verb(
            "recall",
            _("Recall"),
            _("recalled"),
            AT_WORK,
            (State.ACCEPTED,),
            who=(desk("dispatch_events"),),
            needs=(REASON,),
            danger=True,
        ),
        Verb(
            "sign",
            _("Sign"),
            _("signed"),
            (State.DISPATCHED,),
            (State.HANDLING,),
            who=(LEAD,),
            primary=True,
        ),
        Verb(
            "return",
            _("Return"),
            _("returned"),
            AT_WORK,
            (State.ACCEPTED,),
            who=(LEAD,),
            needs=(Input("reason", Kind.REASON, _("Reason")), text("explanation", _("Explanation"))),
            when=(
                when.INSIDE_RETURN_WINDOW,
                when.NOT_THE_DISTRICTS_ORDER,
                when.NOT_OWN_ORDER,
                when.NOT_REWORK,
            ),
            danger=True,
        ),
        Verb(
            "refuse_return",
            _("Refuse the return"),
            _("refused the return"),
            (State.ACCEPTED,),
            (State.DISPATCHED,),
            who=(desk("dispatch_events"),),
            needs=(REASON,),
            when=(when.asked("return"), when.RETURN_STILL_FRESH),
            danger=True,
        ),
        Verb(
            "assist_sign",
            _("Sign as assistant"),
            _("signed as assistant"),
            AT_WORK,
            who=(ASSISTANT,),
            when=(when.ASSISTANT_UNSIGNED,),
            is_move=False,
            primary=True,
        ),
        Verb(
            "assist_feed_back",
            _("Feed back as assistant"),
            _("fed back as assistant"),
            AT_WORK,
            who=(ASSISTANT,),
            needs=(
                text("result", _("Result")),
                Input("evidence", Kind.EVIDENCE, _("Photos and documents"), False),
            ),
            when=(when.ASSISTANT_SIGNED,),
            is_move=False,
            primary=True,
        ),
        Verb(
            "assist_decline",
            _("Decline to assist"),
            _("declined to assist"),
            AT_WORK,
            who=(ASSISTANT,),
            needs=(REASON,),
            when=(when.ASSISTANT_AT_WORK,),
            is_move=False,
        ),
        Verb(
            "hand_to",
            _("Hand to a person"),
            _("handed it to a person"),
            AT_WORK,
            who=(LEAD, ASSISTANT),
            needs=(
                Input(
                    "handler",
                    Kind.PERSON,
                    _("Person"),
                    help=_("Everybody of the organisation may still act."),
                ),
            ),
            is_move=False,
        ),
        Verb(
            "feed_back",
            _("Feed back"),
            _("fed back"),
            (State.HANDLING,),
            (State.FED_BACK,),
            who=(LEAD,),
            needs=(
                text("result", _("Result")),
                PROOF,
                Input(
                    "item",
                    Kind.ITEM,
                    _("Follow-up event"),
                    False,
                    _("When the cause needs long work: its item."),
                ),
                text("description", _("What remains to be done"), required=False),
            ),
            primary=True,
        ),
        Verb(
            "verify",
            _("Verified, close"),
            _("verified and closed"),
            (State.FED_BACK,),
            (State.CLOSED,),
            who=(
                area("verify_in_area", only=when.CHECKED_ON_THE_DOORSTEP),
                desk("verify_events", only=when.DESK_MAY_VERIFY),
            ),
            needs=(
                text(
                    "note",
                    _("What you saw"),
                    required=False,
                    help=_("A note or a photo is needed."),
                    instead="evidence",
                ),
                Input("evidence", Kind.EVIDENCE, _("Photos and documents"), False),
            ),
            when=(when.NOT_THE_HANDLER,),
            primary=True,
        ),
        Verb(
            "rework",
            _("Send back for rework"),
            _("sent back for rework"),
            (State.FED_BACK,),
            (State.HANDLING,),
            who=(
                area("verify_in_area", only=when.CHECKED_ON_THE_DOORSTEP),
                desk("verify_events", only=when.DESK_MAY_VERIFY),
            ),
            needs=(
                text("missing", _("What is missing")),
                Input("evidence", Kind.EVIDENCE, _("Photos and documents"), False),
            ),
            when=(when.NOT_THE_HANDLER,),
            danger=True,
        ),
        Verb(
            "request_extension",
            _("Ask for more time"),
            _("asked for more time"),
            (State.HANDLING,),
            who=(LEAD,),
            needs=(Input("amount", Kind.AMOUNT, _("How much more")), REASON),
            when=(when.NOT_CRITICAL, when.NOT_REWORK, when.NEVER_EXTENDED, when.BEFORE_THREE_QUARTERS),
            is_move=False,
        ),
        Verb(
            "decide_extension",
            _("Decide on more time"),
            _("decided on more time"),
            (State.HANDLING,),
            who=(desk("dispatch_events"),),
            needs=(DECISION, NOTE),
            when=(when.asked("extension"), when.EXTENSION_STILL_OPEN),
            primary=True,
        ),
        Verb(
            "request_hold",
            _("Ask for a hold"),
            _("asked for a hold"),
            HELD_OR_NOT,
            who=(LEAD,),
            needs=(
                Input("reason", Kind.REASON, _("Reason")),
                Input("review_on", Kind.DATE, _("Review on")),
                text("safety_measure", _("Safety measure meanwhile")),
            ),
            when=(
                when.NOT_CRITICAL,
                when.BEFORE_THE_DEADLINE,
                when.HOLD_DAYS_LEFT,
                when.not_asked("hold"),
            ),
            is_move=False,
        ),
        Verb(
            "hold",
            _("Put on hold"),
            _("put on hold"),
            HELD_OR_NOT,
            (State.ON_HOLD,),
            who=(CENTRE,),
            needs=(NOTE,),
            when=(when.asked("hold"),),
            primary=True,
        ),
        Verb(
            "refuse_hold",
            _("Refuse the hold"),
            _("refused the hold"),
            HELD_OR_NOT,
            who=(CENTRE,),
            needs=(REASON,),
            when=(when.asked("hold"),),
            danger=True,
        ),
        Verb(
            "resume",
            _("Resume"),
            _("resumed"),
            (State.ON_HOLD,),
            (State.HANDLING,),
            who=(CENTRE, LEAD),
            needs=(NOTE,),
            primary=True,
        ),
        Verb(
            "withdraw",
            _("Withdraw"),
            _("withdrew the report"),
            (State.REPORTED,),
            (State.VOID,),
            who=(REPORTER,),
            when=(when.NO_DESK_ACT,),
            danger=True,
        ),
        Verb(
            "reopen",
            _("Reopen"),
            _("reopened"),
            (State.CLOSED,),
            (State.ACCEPTED,),
            who=(desk("accept_events"), area("supervise_area")),
            needs=(REASON,),
            when=(when.ROUTED, when.CLOSED_LATELY),
            danger=True,
        ),
        Verb(
            "force_close",
            _("Close by force"),
            _("closed by force"),
            OPEN_STATES,
            (State.CLOSED,),
            who=(CENTRE,),
            needs=(REASON,),
            danger=True,
        ),
        Verb(
            "void",
            _("Void"),
            _("voided"),
            tuple(state for state in State if state != State.VOID),
            (State.VOID,),
            who=(CENTRE,),
            needs=(REASON,),
            danger=True,
        ),
        Verb(
            "answer_reporter",
            _("Answer the reporter"),
            _("answered the reporter"),
            tuple(State),
            who=(
                desk("accept_events"),
                Who(Relation.COMMAND, "accept_events", when.IN_AN_INCIDENT),
                Who(Relation.COMMAND, "dispatch_events", when.IN_AN_INCIDENT),
            ),
            needs=(
                text("answer", _("Answer")),
                Input(
                    "reached",
                    Kind.CHOICE,
                    _("Call-back"),
                    False,
                    _("For a hotline case: whether the reporter was reached."),
                    options=(("reached", _("reached")), ("not_reached", _("not reached"))),
                ),
            ),
            is_move=False,
        ),
        Verb(
            "rate",
            _("Rate"),
            _("rated"),
            (State.CLOSED,),
            who=(REPORTER,),
            needs=(
                Input(
                    "rating",
                    Kind.CHOICE,
                    _("Rating"),
                    options=(
                        ("very_good", _("very satisfied")),
                        ("good", _("satisfied")),
                        ("fair", _("fair")),
                        ("bad", _("unsatisfied")),
                    ),
                ),
                NOTE,
            ),
            when=(when.NOT_RATED,),
            is_move=False,
        ),
        Verb(
            "urge",
            _("Urge"),
            _("urged"),
            OPEN_STATES,
            who=(desk("supervise_events"), area("supervise_area")),
            needs=(text("text", _("Text")),),
            is_move=False,
        ),
        Verb(
            "comment",
            _("Comment"),
            _("commented"),
            tuple(State),
            who=(desk("view_org_events"), LEAD, ASSISTANT, area("supervise_area")),
            needs=(text("text", _("Text")),),
            is_move=False,
        ),
        Verb(
            "supervise",
            _("Supervise"),
            _("put under supervision"),
            OPEN_STATES,
            who=(area("supervise_area"), SYSTEM),
            needs=(text("text", _("Text")),),
            when=(when.not_asked("supervision"),),
            is_move=False,
        ),
        Verb(
            "answer_supervision",
            _("Answer the supervision"),
            _("answered the supervision"),
            OPEN_STATES,
            who=(HEAD, desk("head_org", only=when.NO_LEAD)),
            needs=(text("text", _("Text")),),
            when=(when.asked("supervision"),),
            is_move=False,
            primary=True,
        ),
        Verb(
            "join_incident",
            _("Add to a major incident"),
            _("added to a major incident"),
            OPEN_STATES,
            who=COMMAND,
            needs=(
                Input("incident", Kind.INCIDENT, _("Major incident")),
                text("reason", _("Reason")),
            ),
            when=(when.ROUTED, when.IN_NO_INCIDENT),
            is_move=False,
        ),
        Verb(
            "leave_incident",
            _("Take out of the major incident"),
            _("left the major incident"),
            tuple(State),
            who=(*COMMAND, SYSTEM),
            needs=(REASON,),
            when=(when.IN_AN_INCIDENT,),
            is_move=False,
        ),
        Verb("remind", _("Remind"), _("reminder"), OPEN_STATES, who=(SYSTEM,), is_move=False),
        Verb("mark_overdue", _("Mark overdue"), _("overdue"), OPEN_STATES, who=(SYSTEM,), is_move=False),
        Verb(
            "auto_escalate",
            _("Escalate"),
            _("escalated by the clock"),
            OPEN_STATES,
            who=(SYSTEM,),
            when=(when.ROUTED, when.A_DESK_ABOVE),
        ),
        Verb(
            "auto_dispatch",
            _("Dispatch"),
            _("dispatched by the clock"),
            (State.REPORTED,),
            (State.DISPATCHED, State.HANDLING),
            who=(SYSTEM,),
            when=(when.ROUTED,),
        ),
        Verb(
            "auto_merge",
            _("Merge"),
            _("merged by its reporter, who knew the matter to be reported"),
            (State.REPORTED,),
            (State.MERGED,),
            who=(SYSTEM,),
        ),
        Verb(
            "auto_resume",
            _("Resume"),
            _("resumed by the clock"),
            (State.ON_HOLD,),
            (State.HANDLING,),
            who=(SYSTEM,),
        ),
        Verb(
            "recount",
            _("Count again"),
            _("deadlines counted again: the calendar has changed"),
            OPEN_STATES,
            who=(SYSTEM,),
            is_move=False,
        ),
        Verb(
            "recode",
            _("Give the new area code"),
            _("area code changed: the area has ended"),
            OPEN_STATES,
            who=(SYSTEM,),
            is_move=False,
        ),
        Verb(
            "lapse",
            _("Lapse"),
            _("no answer in time"),
            OPEN_STATES,
            who=(SYSTEM,),
            is_move=False,
        ),
    ]
)
