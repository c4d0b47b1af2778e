"""How one event goes round the loop: in each state somebody looks at it and does what is next.

A story is a generator: it yields the instant of its next deed and is resumed at it. Delays come from the
habits as shares of the step's own limit, so who is late, and how often, is what the clocks say. Clocks, other
people and visitors move the event too: after each instant the story looks at it anew and goes on from there.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.scope import Actor
from demo import stories
from demo.cast import ACCEPTORS, CHECKERS, DISPATCHERS, HANDLERS, HEADS, SAMPLERS
from demo.deeds import NUMBERS, Deeds
from dispatch.clocks import accept_limit, check_limit, dispatch_limit, percent_mark, sign_limit
from dispatch.errors import MoveError
from dispatch.models import Ask, Assignment, Clock, ClockKind
from dispatch.working_time import ONE_WORKING_DAY, Limit, Unit
from events.models import Event, Source, State, Urgency

MOST_REFUSALS = 3
ONE_DAY = Limit(ONE_WORKING_DAY, Unit.WORKING_MINUTES)
Instants = Iterator[datetime]
STRAIGHT: dict[str, Any] = {
    "duplicate_of": None, "checked": False, "escalated": False, "returns": 0, "groundless": False,
    "recalled": False, "extended": "", "hold_days": 0, "urged": False,
}  # fmt: skip
"""Once its people were refused a story takes the straight way."""
refusals: Counter[str] = Counter()
"""Code of the refusal: how often a story's people were refused; a clock or a visitor was quicker."""


class Story(Deeds):
    """A plot, told: ``for instant in story.told()`` with the deed done when the next instant is asked for."""

    told_closing: datetime | None = None

    def told(self) -> Instants:
        yield self.now
        self.report()
        yield from self._goes_on()

    def resumed(self, *, now: datetime) -> Instants:
        """Go on with an event that an earlier run left open; at ``now`` or after its last step."""
        self._look()
        self.now = max(now, self.event.steps.latest("sequence").at)
        self.dice.seed(f"{self.plot.run} {self.plot.number} {self.event.sequence}")
        yield from self._goes_on()

    def _goes_on(self) -> Instants:
        refused = 0
        while (chapter := self._chapter()) and refused < MOST_REFUSALS:
            before = self.event.state, self.event.sequence
            try:
                for instant in chapter(self):
                    yield instant
                    self._look()
                    if self.event.state != before[0]:
                        break
                    self._answer_supervision()
                refused += before == (self.event.state, self.event.sequence)
            except MoveError as error:
                refusals[error.code] += 1
                refused += 1
                self.plot = replace(self.plot, **STRAIGHT)
                self._look()

    def _look(self) -> None:
        """As it is now; in a demo that runs a deed is done when it is done, however late."""
        if self.plot.lively:
            self.now = max(self.now, timezone.now())
        self.event = Event.objects.select_related("item", "desk").get(pk=self.key)

    def _chapter(self) -> "Chapter | None":
        event, plot = self.event, self.plot
        done = event.return_count >= plot.returns and event.rework_count >= plot.reworks
        if plot.stop == event.state and done:
            return None
        if event.state == State.CLOSED:
            if event.closed_at == self.told_closing:
                return None
            self.told_closing = event.closed_at
        return CHAPTERS.get(State(event.state))

    # Before it is at work ----------------------------------------------------------------------

    def _decided(self) -> Instants:
        event, plot = self.event, self.plot
        if event.self_close_pending:
            yield from self._closed_on_the_spot()
            return
        limit = accept_limit(event, NUMBERS)
        if plot.checked and event.urgency != Urgency.CRITICAL and not event.sensitive:
            yield self._later("accept", limit, most=80)
            self.do("ask_check", self.of_desk(ACCEPTORS), question=self.dice.choice(stories.QUESTIONS))
            hours = NUMBERS.check_on_the_spot_hours[event.urgency]
            yield self._later("check", Limit(60 * hours, Unit.CALENDAR_MINUTES), most=90)
            team = self.cast.by_code[f"TEAM@{event.area_code}"].pk
            finding = self.dice.choice(stories.FINDINGS)
            self.do("answer_check", self.of(team, CHECKERS), finding="true", result=finding)
        yield self._later("accept", limit)
        desk = self.of_desk(ACCEPTORS)
        if plot.duplicate_of and self._told_before(desk, plot.duplicate_of):
            return
        if plot.rejected:
            reason, answer = self.dice.choice(stories.REJECTIONS)
            self.do("reject", desk, reason=reason, answer=answer)
            return
        if plot.mistaken == event.item.code:
            self.do("correct", desk, item=self.item.code)
            self.now += timedelta(seconds=self.dice.randint(10, 50))
        self.do("accept", desk)

    def _told_before(self, desk: Actor, first_key: uuid.UUID) -> bool:
        """The same matter once more: merged while the first is open at this desk, else answered as a duplicate."""
        first = Event.objects.filter(pk=first_key).first()
        if first is None or first.state in (State.REJECTED, State.VOID):
            return False
        if first.is_open and first.desk_id == self.event.desk_id:
            self.do("merge", desk, leading=first.number, answer=stories.MERGED[0])
        else:
            reason, answer = next(row for row in stories.REJECTIONS if row[0] == "duplicate")
            self.do("reject", desk, reason=reason, answer=answer)
        return True

    def _closed_on_the_spot(self) -> Instants:
        """The photos arrive, and the closing takes effect with the last."""
        yield self._after(timedelta(seconds=self.dice.randint(15, 90)))
        for kind in self.item.evidence:
            self.attach(self.reporter(), kind)
        self._look()

    def _sent(self) -> Instants:
        event, plot = self.event, self.plot
        limit = dispatch_limit(event, NUMBERS)
        at_centre = event.desk.kind == "centre"
        if plot.escalated and not event.escalation_count and not at_centre:
            yield self._later("dispatch", limit)
            self.do("escalate", self.of_desk(ACCEPTORS), reason=self.dice.choice(stories.ESCALATIONS))
            return
        if plot.groundless and Ask.Kind.RETURN in event.asks and event.return_count == 1:
            yield self._after(timedelta(minutes=self.dice.randint(1, 4)))
            self.do("refuse_return", self.of_desk(DISPATCHERS), reason=self.dice.choice(stories.GROUNDLESS))
            return
        yield self._later("dispatch", limit)
        wrong = event.desk.kind == "room" and not plot.groundless and event.return_count < plot.returns
        wrong |= event.desk.kind == "room" and plot.recalled and not self.said("recall")
        lead = self.wrong_lead() if wrong else self.lead()
        assistants = [] if wrong else [unit.pk for unit in self.assistants(lead)]
        self.do("dispatch", self.of_desk(DISPATCHERS), lead=lead.pk, assistants=assistants)

    def _signed(self) -> Instants:
        event, plot = self.event, self.plot
        handle = event.clocks.running().get(kind=ClockKind.HANDLE)
        yield self._later("sign", sign_limit(event, handle.limit, NUMBERS))
        order = event.assignments.get(part="lead", ended_at=None)
        if event.return_count < plot.returns and not order.by_district:
            reason, explanation = self.dice.choice(stories.RETURNS)
            handler = self.of(event.lead_id, HANDLERS)
            self.do("return", handler, reason=reason, explanation=explanation)
        elif plot.recalled and event.desk.kind == "room" and not self.said("recall"):
            self.do("recall", self.of_desk(DISPATCHERS), reason=self.dice.choice(stories.RECALLS))
        else:
            self.do("sign", self.of(event.lead_id, HANDLERS))

    # At work -----------------------------------------------------------------------------------

    def _handled(self) -> Instants:
        plot, handler = self.plot, self.handler()
        clock = self.event.clocks.running().get(kind=ClockKind.HANDLE)
        if not self.event.rework_count:
            yield from self._helped(handler)
        if not self.event.rework_count and not self.event.reopen_count:
            yield from self._asks_for_time(handler, clock)
        percent = self._percent("handle")
        if percent > 110 and plot.urged and self.event.desk.kind == "room":
            yield self._at(clock, 105)
            chaser = self.cast.someone(self.event.desk_id, ["room_supervisor"], self.dice)
            self.do("urge", chaser, text=self.dice.choice(stories.URGES))
        clock.refresh_from_db()
        yield self._at(clock, percent)
        evidence = self.evidence(handler)
        self.do("feed_back", handler, result=self.dice.choice(plot.tale.results), evidence=evidence)

    def _helped(self, handler: Actor) -> Instants:
        """The assistants' share, all but the first one's where the story stops; and some words."""
        plot = self.plot
        waiting = self.event.assignments.filter(
            part="assistant", status=Assignment.Status.SENT, ended_at=None
        )
        for order in list(waiting.select_related("organization"))[bool(plot.stop) :]:
            person = self.of(order.organization_id, HANDLERS)
            yield self._after(timedelta(minutes=2))
            self.do("assist_sign", person)
            yield self._after(timedelta(minutes=3))
            self.do("assist_feed_back", person, result=self.dice.choice(stories.ASSISTED))
        for text in self.dice.sample(stories.COMMENTS, plot.comments):
            yield self._after(timedelta(minutes=self.dice.randint(1, 4)))
            self.do("comment", self.dice.choice([handler, self.of_desk(DISPATCHERS)]), text=text)

    def _asks_for_time(self, handler: Actor, clock: Clock) -> Instants:
        """More time, or a hold; once each, and never for what is critical."""
        plot, event = self.plot, self.event
        if event.urgency == Urgency.CRITICAL:
            return
        if plot.extended and not self.said("request_extension"):
            yield self._at(clock, self.dice.randint(25, 65))
            if self.now >= percent_mark(clock, NUMBERS.extension_before_percent, self.cast.district):
                return
            amount = self.dice.randint(1, event.item.handle_limit)
            self.do("request_extension", handler, amount=amount, reason=self.dice.choice(stories.EXTENSIONS))
            yield self._later("decide", Limit(120, Unit.WORKING_MINUTES))
            if Ask.Kind.EXTENSION in self.event.asks:
                note = stories.EXTENSION_NOTES[plot.extended]
                self.do("decide_extension", self.of_desk(DISPATCHERS), decision=plot.extended, note=note)
        if plot.hold_days and not self.said("request_hold"):
            yield self._at(clock, self.dice.randint(30, 70))
            if self.now > clock.due:
                return
            reason, measure = self.dice.choice(stories.HOLDS)
            days = min(plot.hold_days, NUMBERS.hold_review_days)
            review_on = (timezone.localdate(self.now) + timedelta(days=days)).isoformat()
            self.do("request_hold", handler, reason=reason, review_on=review_on, safety_measure=measure)
            yield self._later("decide", Limit(240, Unit.WORKING_MINUTES))
            centre = self.cast.someone(self.cast.by_code["ZHZX"].pk, ["centre_duty"], self.dice)
            if plot.hold_granted:
                self.do("hold", centre, note=self.dice.choice(stories.HOLD_NOTES))
                yield self.now  # The state has changed: the story goes on from there.
            else:
                self.do("refuse_hold", centre, reason=self.dice.choice(stories.HOLD_REFUSALS))

    def _held(self) -> Instants:
        morning = timezone.localtime(self.now) + timedelta(days=self.plot.hold_days or 1)
        yield self._until(morning.replace(hour=self.dice.randint(9, 16), minute=self.dice.randint(0, 59)))
        self.do("resume", self.handler(), note=self.dice.choice(stories.RESUMES))

    def _checked(self) -> Instants:
        yield self._later("check", check_limit(self.event, NUMBERS))
        checker = self.checker()
        if self.event.rework_count < self.plot.reworks:
            self.do("rework", checker, missing=self.dice.choice(stories.MISSING))
        else:
            self.do("verify", checker, note=self.dice.choice(stories.SEEN))

    def _answer_supervision(self) -> None:
        """The head of who has it answers, where there is one."""
        if Ask.Kind.SUPERVISION not in self.event.asks:
            return
        unit = self.cast.units[self.event.lead_id or self.event.desk_id]
        if unit.kind in HEADS:
            self.do("answer_supervision", self.of(unit.pk, HEADS), text=self.dice.choice(stories.SUPERVISED))

    # After it is closed ------------------------------------------------------------------------

    def _afterwards(self) -> Instants:
        event, plot = self.event, self.plot
        if event.sample_state == "pending" and plot.sampled:
            yield self._later("sample", NUMBERS.sample_limit)
            closer = event.steps.filter(verb="self_close").values_list("actor_id", flat=True)
            sampler = self.cast.of(event.sampler_id, SAMPLERS, self.dice, but_not=set(closer))
            self.do("confirm_sample", sampler, note=self.dice.choice(stories.SAMPLED))
        if event.source in (Source.RESIDENT, Source.HOTLINE):
            yield self._later("call_back", ONE_DAY)
            answer, reached = self.dice.choice(stories.ANSWERS), "reached"
            self.do("answer_reporter", self.of_desk(ACCEPTORS), answer=answer, reached=reached)
            if plot.rating:
                yield self._after(timedelta(minutes=self.dice.randint(20, 600)))
                self.do("rate", self.reporter(), rating=plot.rating, note="")
        if plot.reopened and not event.reopen_count:
            yield self._after(timedelta(minutes=self.dice.randint(600, 7000)))
            self.do("reopen", self.of_desk(ACCEPTORS), reason=self.dice.choice(stories.REOPENINGS))

    # When --------------------------------------------------------------------------------------

    def _percent(self, stage: str) -> int:
        return self.habits.percent(stage, self.dice)

    def _later(self, stage: str, limit: Limit, *, most: int = 1000) -> datetime:
        """After a share of the limit, counted as the limit is; in a demo that runs, after some minutes."""
        if self.plot.step:
            return self._after(self.plot.step)
        if self.plot.lively:
            return self._after(self.habits.pause(stage, self.dice))
        percent = min(self._percent(stage), most)
        mark = self.calendar.mark(self.now, limit, percent) + timedelta(seconds=self.dice.randint(0, 59))
        return self._after(max(mark - self.now, timedelta(seconds=20)))

    def _at(self, clock: Clock, percent: int) -> datetime:
        """When so much of a running clock's limit is gone, or a minute from now if that has passed."""
        if self.plot.step:
            return self._after(self.plot.step)
        if self.plot.lively:
            return self._after(self.habits.pause("handle", self.dice) * min(percent, 100) / 100)
        mark = percent_mark(clock, percent, self.cast.district)
        return self._until(mark + timedelta(seconds=self.dice.randint(0, 59)))

    def _until(self, instant: datetime) -> datetime:
        self.now = max(instant, self.now + timedelta(minutes=1))
        return self.now

    def _after(self, pause: timedelta) -> datetime:
        if self.plot.step:
            pause = min(pause, self.plot.step)
        self.now += pause
        return self.now


Chapter = Callable[[Story], Instants]
CHAPTERS: dict[State, Chapter] = {
    State.REPORTED: Story._decided,
    State.ACCEPTED: Story._sent,
    State.DISPATCHED: Story._signed,
    State.HANDLING: Story._handled,
    State.ON_HOLD: Story._held,
    State.FED_BACK: Story._checked,
    State.CLOSED: Story._afterwards,
}
"""What is told of an event in a state; the others are the end."""
