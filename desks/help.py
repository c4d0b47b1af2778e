"""Short help, as data: of each page what it is for and what to do there, and the words of the field.

A page's words are found by the name of its address. A page without an entry of its own gets that of its
application, so that no page is without help. Terms take their names from the table and the states.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desks.move_words import BEFORE, CONFIRM
from dispatch.workflow import VERBS
from events.models import State

Words = str | Promise


@dataclass(frozen=True)
class PageHelp:
    """``terms``: codes of TERMS that the page uses."""

    title: Words
    words: Words
    terms: tuple[str, ...] = ()
    url: str = ""
    keys: tuple[tuple[str, Words], ...] = ()


ESCAPE = ("Esc", _("closes what is open"))
TICKS = (
    ("?", _("Keys of this page")),
    ("Space", _("ticks an event")),
    ("Shift + Space", _("ticks everything from the last tick on")),
    ESCAPE,
)

PAGES: dict[str, PageHelp] = {
    "desks:home": PageHelp(
        _("Home"),
        _(
            "What waits for you, by queue. Take the one at the top: it is due first. New events come in by themselves. "
            "Tick several to accept, dispatch or urge them together."
        ),
        ("desk", "holder", "reported", "accepted", "dispatched", "handling", "fed_back"),
        "desks:home",
        TICKS,
    ),
    "desks:event": PageHelp(
        _("An event"),
        _(
            "Everything about one matter: where it stands, who has it in hand, until when, and every step so far. The "
            "buttons show only what you may do now; the first one is usually the next thing."
        ),
        ("desk", "holder", "lead", "whole_clock"),
        keys=(ESCAPE,),
    ),
    "desks:move": PageHelp(
        _("One step of an event"),
        _(
            "Fill in what is asked and send. If a colleague was quicker, nothing you typed is lost: you are told what "
            "they did and decide again."
        ),
        ("desk", "lead"),
    ),
    "desks:bulk": PageHelp(
        _("One step for many events"),
        _(
            "First you see which events go ahead and which would be refused, and why. Nothing moves before you press "
            "the button. Afterwards each event has its own answer; orders can be recalled together."
        ),
        ("dispatch", "recall"),
    ),
    "desks:report": PageHelp(
        _("Report"),
        _(
            "Write down what a caller or your own round tells: what it is, where, and a photo where there is one. What is "
            "typed stays in this browser until it is sent. What the list allows you may close on the spot."
        ),
        ("item", "self_close"),
        "desks:report",
    ),
    "desks:events": PageHelp(
        _("Events"),
        _(
            "All events you may see, the newest first. Every word you type is looked for in number, text and address. "
            "The address of the page keeps your filters: save or send it."
        ),
        ("item",),
        "desks:events",
    ),
    "desks:compare": PageHelp(
        _("Is it the same matter?"),
        _(
            "Two reports side by side; what differs is marked. Merged, one of them goes on and the reporters are told. "
            "'Not the same' is remembered, so the pair is not proposed again."
        ),
        ("merge",),
    ),
    "desks:centre": PageHelp(
        _("Centre"),
        _(
            "What the district must decide, at one look: critical events, handlers to name, transfers, holds, what came "
            "up, open letters, overdue by street. Each heading leads to its queue."
        ),
        ("desk", "on_hold", "supervise"),
    ),
    "desks:letters": PageHelp(
        _("Supervision letters"),
        _(
            "Every letter with its number and the date its answer is due. The head of the unit answers in writing on the "
            "event; letter and answer are printed together."
        ),
        ("supervise",),
        "desks:letters",
    ),
    "incidents:": PageHelp(
        _("Major incidents"),
        _(
            "Many reports of one matter under one command: gather them, tick the plan's tasks, write once to all who "
            "reported, close all together. What is not done then is handed on."
        ),
        ("merge",),
    ),
    "incidents:plans": PageHelp(
        _("Plans"),
        _(
            "What is to be done in which kind of incident, by whom and how soon. An incident takes its tasks from here."
        ),
    ),
    "supervision:daily": PageHelp(
        _("Daily overdue list"),
        _(
            "What was open beyond its whole deadline at the end of a day, by street and organisation. Each number leads "
            "to its events; the page is made for printing."
        ),
        ("whole_clock",),
    ),
    "supervision:": PageHelp(
        _("Supervision"),
        _(
            "How well the loop runs, by street, organisation, item and more. Each number is a link to the events behind "
            "it. Rates are counted anew from the events each time."
        ),
        ("whole_clock", "closed"),
    ),
    "inbox:inbox": PageHelp(
        _("Notices"),
        _(
            "What others did that concerns your post or your own reports. A notice counts as read once the event has "
            "moved on."
        ),
        ("holder",),
        "inbox:inbox",
    ),
    "inbox:ladder": PageHelp(
        _("Escalation ladder"),
        _("Who is told, and what happens by itself, when a part of a limit is gone."),
        ("whole_clock",),
    ),
    "exports:": PageHelp(
        _("Exports"),
        _(
            "Set the filters of a list and press Export there. The file is made in the background and waits here for "
            "some days."
        ),
        url="exports:mine",
    ),
    "checklist:": PageHelp(
        _("Checklist"),
        _("What may be reported: each item with its limits, its lead and the proof it needs."),
        ("item",),
        "checklist:items",
    ),
    "rules:phrases": PageHelp(
        _("Phrases"),
        _(
            "Sentences ready for the texts of a step, by item and step: your own, your unit's, the district's. What "
            "stands in braces is filled in from the event."
        ),
        url="rules:phrases",
    ),
    "rules:": PageHelp(
        _("Rules of the district"),
        _(
            "Working days, the district's numbers and who gets what. Before a change is kept you see which deadlines "
            "move."
        ),
        ("item", "lead"),
    ),
    "areas:places": PageHelp(
        _("Places"),
        _(
            "Estates, buildings, schools, shops. Typed by name or initials in a report or a search they give point and "
            "grid. Many at once come from Excel or GeoJSON."
        ),
        ("grid",),
        "areas:places",
    ),
    "areas:": PageHelp(
        _("Areas of the district"),
        _("Streets, communities and grids with their organisations and boundaries."),
        ("grid",),
        "areas:areas",
    ),
    "accounts:": PageHelp(
        _("My account"),
        _(
            "Password, second step, log-ins and people. What you may do comes from your post, never from a setting."
        ),
        ("post",),
        "accounts:own_log_ins",
    ),
    "complaints:": PageHelp(
        _("Complaint box"),
        _(
            "Say what is wrong with this system or what would help you. The system administrator answers; the answer "
            "stands here until you put it away."
        ),
        url="complaints:mine",
    ),
    "webhooks:": PageHelp(
        _("Webhooks"),
        _(
            "Steps are sent to other systems, signed and in order. A receiver that fails is tried again for a day."
        ),
    ),
    "imports:": PageHelp(
        _("Lists from Excel"),
        _("Download the template, fill it in, send it. First you see what would change; then you confirm."),
    ),
}
OTHERWISE = PageHelp(
    _("Grid Platform"),
    _("Every matter goes round one loop: reported, accepted, dispatched, handled, verified, closed."),
    ("desk", "holder", "lead"),
)

STATES: dict[str, Words] = {
    State.REPORTED: _("It has come in. The desk decides whether it is accepted."),
    State.ACCEPTED: _("It is ours to solve. The desk decides who acts."),
    State.DISPATCHED: _("An order is sent. The lead signs for it, or returns it with a reason."),
    State.HANDLING: _("The lead is at work and feeds back with proof."),
    State.FED_BACK: _("The lead says it is done. Somebody else goes and looks."),
    State.CLOSED: _("Somebody has looked, and it is done. It can be reopened for 30 days."),
    State.ON_HOLD: _(
        "It cannot be solved now. The district centre looks again on a set day; the clocks stand still."
    ),
    State.REJECTED: _("It was not accepted, and the reporter has the reason."),
    State.MERGED: _("The same matter goes on under another event."),
    State.VOID: _("It ended for good and is in no figure."),
}
EXPLAINED: dict[str, tuple[Words, Words]] = {
    "desk": (
        _("Desk"),
        _("The organisation that decides about an event now: community, street room or district centre."),
    ),
    "holder": (
        _("Holder"),
        _("The organisation whose turn it is: the desk, or the lead while it is to sign or handle."),
    ),
    "lead": (_("Lead"), _("The one organisation that answers for handling an event. Assistants help it.")),
    "item": (
        _("Item"),
        _("A line of the checklist: what may be reported, how fast it is solved, and by whom."),
    ),
    "grid": (_("Grid"), _("The smallest area, with its own workers. Fifteen digits name it.")),
    "post": (_("Post"), _("A role in an organisation, held for a time. It alone says what a person may do.")),
    "whole_clock": (
        _("Whole clock"),
        _(
            "The time for everything from the report to the closing. Only a check, more time or a hold moves it."
        ),
    ),
    "training": (
        _("Training"),
        _(
            "A mode for practising: your events get numbers that begin with LX, nobody else sees them, and they count "
            "nowhere. It ends by itself after four hours."
        ),
    ),
}


@dataclass(frozen=True)
class Term:
    """``code`` is the anchor on the help page."""

    code: str
    name: Words
    words: Words


def terms() -> list[Term]:
    """The words of the field, the states in the loop's order, then what people do."""
    found = [Term(code, name, words) for code, (name, words) in EXPLAINED.items()]
    found += [Term(state, State(state).label, words) for state, words in STATES.items()]
    for code, verb in VERBS.items():
        words = BEFORE.get(code) or CONFIRM.get(code)
        if words and not verb.is_system:
            found.append(Term(code, verb.label, words))
    return found


def names_of(codes: tuple[str, ...]) -> list[tuple[str, Words]]:
    """(anchor, name) of each, for the links of a page's help."""
    named = {code: name for code, (name, _words) in EXPLAINED.items()}
    named |= {state: State(state).label for state in STATES}
    return [(code, named[code] if code in named else VERBS[code].label) for code in codes]


def help_of(view_name: str) -> PageHelp:
    application = view_name.partition(":")[0] + ":"
    return PAGES.get(view_name) or PAGES.get(application) or OTHERWISE
