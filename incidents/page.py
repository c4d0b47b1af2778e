"""What the page of an incident shows to one reader: head, checklist, members, proposals, timeline."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.scope import Actor
from desks.clock_words import span
from desks.listing import load_clocks
from events.models import OPEN_STATES, Event
from incidents import queries, timeline
from incidents.models import Choice, Incident, Membership, Task

MEMBERS = 20
MOST_ON_THE_MAP = 500


@dataclass(frozen=True)
class TaskRow:
    task: Task
    text: str
    who: str
    tone: str
    words: str
    key: str


@dataclass
class IncidentPage:
    incident: Incident
    actor: Actor
    now: datetime
    show: str = ""
    after: str = ""
    state: str = ""
    members_after: int = 0

    @property
    def user(self):
        return self.actor.user

    @cached_property
    def full(self) -> bool:
        return queries.oversees(self.actor.scope, self.incident)

    @property
    def commands(self) -> bool:
        """May act now: the command's posts, while it is open."""
        return self.incident.is_open and self.incident.is_commanded_by(self.actor.scope)

    @property
    def lasted(self) -> str:
        return span(queries.is_running(self.incident, self.now))

    # Members --------------------------------------------------------------------------------------

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        return queries.in_their_order(self._counts)

    @cached_property
    def _counts(self) -> Counter[str]:
        return queries.counts_of(self.user, self.incident)

    @property
    def number(self) -> int:
        return sum(self._counts.values())

    @property
    def still_open(self) -> int:
        return sum(self._counts[state] for state in OPEN_STATES)

    @cached_property
    def _members(self) -> list[Membership]:
        rows = queries.members_of(self.user, self.incident).order_by("id")
        if self.state:
            rows = rows.filter(event__state=self.state)
        return list(rows.filter(pk__gt=self.members_after)[: MEMBERS + 1])

    @cached_property
    def members(self) -> list[Membership]:
        """A page of those the reader may see, in the order they came, with their clocks."""
        rows = self._members[:MEMBERS]
        load_clocks([row.event for row in rows])
        return rows

    @property
    def members_next(self) -> int:
        return self.members[-1].pk if len(self._members) > MEMBERS else 0

    @cached_property
    def handed_on(self) -> int:
        rows = queries.members_of(self.user, self.incident)
        return rows.filter(at_the_end=True, open_when_left=True).count()

    @property
    def end(self) -> str:
        """How a closed incident ended."""
        if not self.handed_on:
            return _("closed, every member with it")
        return ngettext(
            "closed with %(n)d report handed on", "closed with %(n)d reports handed on", self.handed_on
        ) % {"n": self.handed_on}

    @cached_property
    def proposals(self) -> list[Event]:
        return queries.proposals(self.user, self.incident) if self.commands else []

    @cached_property
    def refused(self) -> list[Choice]:
        """Of the last try to close it: members that could not be, to who commands it."""
        if not self.commands:
            return []
        rows = self.incident.choices.filter(
            status=Choice.Status.REFUSED, event__in=Event.objects.visible_to(self.user)
        )
        return list(rows.select_related("event__item"))

    # The checklist --------------------------------------------------------------------------------

    @cached_property
    def tasks(self) -> list[TaskRow]:
        rows = list(self.incident.tasks.select_related("responsible", "done_by"))
        shown, keys = [], iter("123456789")
        for task in rows:
            task.incident = self.incident
            key = next(keys, "") if not task.is_settled else ""
            shown.append(
                TaskRow(
                    task,
                    timeline.text_of(task),
                    task.responsible.name if task.responsible else task.get_responsible_kind_display(),
                    "" if task.is_settled else task.tone(self.now),
                    self._due_words(task),
                    key,
                )
            )
        return shown

    def _due_words(self, task: Task) -> str:
        late = self.now > task.due
        length = span(abs(task.due - self.now))
        return (_("%(span)s over") if late else _("%(span)s left")) % {"span": length}

    @property
    def settled(self) -> int:
        return sum(row.task.is_settled for row in self.tasks)

    # The story ------------------------------------------------------------------------------------

    @cached_property
    def timeline(self) -> timeline.Page:
        return timeline.page_of(self.actor, self.incident, full=self.full, show=self.show, after=self.after)

    @property
    def shows(self) -> list[tuple[str, str]]:
        words: dict[str, Callable[[], str]] = {
            "": lambda: _("All"),
            "log": lambda: _("Log"),
            "steps": lambda: _("Members' steps"),
            "messages": lambda: _("Messages"),
        }
        return [(name, words[name]()) for name in timeline.SHOWS if self.full or name != "messages"]


def points(user, incident: Incident) -> dict:
    """The members a person may see as a GeoJSON collection; those without a point are left out and counted."""
    features, without = [], 0
    for row in queries.members_of(user, incident)[:MOST_ON_THE_MAP]:
        event = row.event
        if event.longitude is None or event.latitude is None:
            without += 1
            continue
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [event.longitude, event.latitude]},
                "properties": {
                    "id": str(event.pk),
                    "name": f"{event.item.name} · {event.get_state_display()}",
                    "state": event.state,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features, "without": without}
