"""Supervision letters (督办单) in words: to whom, why, by when, from whom, and the answer.

The words stand in the steps; a letter is a number and two instants.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from accounts.models import User
from accounts.scope import Actor
from desks.privacy import Privacy
from dispatch.models import Ask, Letter
from events.masking import mask_numbers
from events.models import Event, Step


def letters_of(event: Event) -> list[Letter]:
    """Newest first."""
    return list(Letter.objects.filter(ask__event=event).select_related("ask__organization", "ask__to"))


def visible_letters(user: User) -> QuerySet[Ask]:
    """The supervisions that have a letter, of events this person sees in full."""
    events = Event.objects.visible_to(user).values("pk")
    asks = Ask.objects.filter(tenant=user.district_id, kind=Ask.Kind.SUPERVISION, letter__isnull=False)
    return asks.filter(event__in=events).select_related("letter", "event__item", "organization", "to")


@dataclass
class LetterPaper:
    letter: Letter
    event: Event
    actor: Actor

    @cached_property
    def asking(self) -> Step | None:
        """The step that put the event under supervision."""
        steps = self.event.steps.select_related("text", "organization")
        return steps.filter(at=self.letter.ask.asked_at, verb__in=("supervise", "rework")).last()

    @cached_property
    def answering(self) -> Step | None:
        at = self.letter.ask.answered_at
        steps = self.event.steps.select_related("text", "organization", "actor", "post__role")
        return steps.filter(at=at, verb="answer_supervision").last() if at else None

    @property
    def demand(self) -> str:
        return self._words(self.asking)

    @property
    def answer(self) -> str:
        return self._words(self.answering)

    def _words(self, step: Step | None) -> str:
        content = getattr(getattr(step, "text", None), "content", {}) if step else {}
        words = content.get("text") or content.get("missing") or ""
        whole = step is not None and Privacy(self.event, self.actor).is_whole(step)
        return words if whole else mask_numbers(words)
