"""What the queues are about: one condition each, for a person in one of their posts, at an instant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Organization, User
from accounts.scope import HeldPost
from dispatch.models import Ask, Assignment
from events.models import OPEN_STATES, Level, State, Step
from grids.models import after_prefix

Kind = Organization.Kind
AT_WORK = (State.DISPATCHED, State.HANDLING)
RATED_WITHIN = timedelta(days=30)
"""How long a closed report is offered to its reporter for a rating."""


@dataclass(frozen=True)
class Seat:
    """A person in one of their posts, at an instant: what a queue's condition is about."""

    user: User
    post: HeldPost
    now: datetime

    @property
    def unit(self) -> int:
        return self.post.organization_id

    @property
    def area(self) -> Q:
        """Everything that happened where the post is."""
        code = self.post.area_code
        return Q(area_code__gte=code, area_code__lt=after_prefix(code))

    @property
    def midnight(self) -> datetime:
        """The end of today in Asia/Shanghai."""
        tomorrow = timezone.localdate(self.now) + timedelta(days=1)
        return timezone.make_aware(datetime.combine(tomorrow, time.min))


def at_desk(*states: str) -> Callable[[Seat], Q]:
    return lambda seat: Q(desk=seat.unit, state__in=states)


def as_lead(*states: str) -> Callable[[Seat], Q]:
    return lambda seat: Q(lead=seat.unit, state__in=states)


def to_check_here(seat: Seat) -> Q:
    """Results the grid worker of the place may verify: never sensitive, desk-checked or one's own work."""
    own = Assignment.objects.filter(event=OuterRef("pk"), ended_at=None).filter(
        Q(signed_by=seat.user) | Q(fed_back_by=seat.user)
    )
    doorstep = Q(state=State.FED_BACK, place_level=Level.GRID, sensitive=False, item__desk_checked=False)
    return seat.area & doorstep & Q(~Exists(own))


def in_rework(seat: Seat) -> Q:
    """Orders of the organisation's own whose result did not pass the check."""
    own = Assignment.objects.filter(
        event=OuterRef("pk"), organization=seat.unit, part=Assignment.Part.LEAD, ended_at=None
    )
    return Q(Exists(own.exclude(fed_back_by=None)), lead=seat.unit, state=State.HANDLING)


def samples(seat: Seat) -> Q:
    own = Step.objects.filter(event=OuterRef("pk"), verb="self_close", actor=seat.user)
    return Q(sampler=seat.unit, sample_state="pending") & Q(~Exists(own))


def _ours(seat: Seat) -> Q:
    """What a desk decides about; to the centre the whole district's."""
    return seat.area if seat.post.organization_kind == Kind.CENTRE else Q(desk=seat.unit)


def overdue(seat: Seat) -> Q:
    return _ours(seat) & Q(state__in=OPEN_STATES, due__lt=seat.now)


def asked(*kinds: Ask.Kind) -> Q:
    return Q(asks__overlap=list(kinds), state__in=OPEN_STATES)


def asked_of_us(seat: Seat) -> Q:
    """Transfers to take, more time to decide, returns that can still be refused."""
    fresh = Ask.objects.filter(event=OuterRef("pk"), kind=Ask.Kind.RETURN, answer="", due__gte=seat.now)
    returned = Q(asked(Ask.Kind.RETURN), Q(Exists(fresh)), desk=seat.unit)
    extension = Q(asked(Ask.Kind.EXTENSION), desk=seat.unit)
    return Q(transfer_to=seat.unit, state__in=OPEN_STATES) | extension | returned


def on_hold(seat: Seat) -> Q:
    return _ours(seat) & Q(state=State.ON_HOLD)


def holds_to_review(seat: Seat) -> Q:
    return on_hold(seat) & Q(hold_review_on__lte=timezone.localdate(seat.now))


def supervised(seat: Seat) -> Q:
    return _ours(seat) & asked(Ask.Kind.SUPERVISION)


def come_up(seat: Seat) -> Q:
    """What a lower desk could not settle: escalated, returned twice, a transfer refused."""
    refused = Ask.objects.filter(event=OuterRef("pk"), kind=Ask.Kind.TRANSFER, answer=Ask.Answer.REFUSED)
    came = Q(escalation_count__gt=0) | Q(return_count__gt=1) | Q(Exists(refused))
    return Q(desk=seat.unit, state__in=OPEN_STATES) & came


def our_orders(seat: Seat) -> Q:
    """Every order the organisation has at work, as lead or assistant; who returned or was recalled is out."""
    return Q(participants__contains=[seat.unit], state__in=AT_WORK)


def assisting(seat: Seat) -> Q:
    return our_orders(seat) & ~Q(lead=seat.unit)


def handed_to_me(seat: Seat) -> Q:
    """Orders of the organisation its people have handed to this person; an event is open as long as they are."""
    mine = Assignment.objects.filter(
        event=OuterRef("pk"), organization=seat.unit, handler=seat.user, ended_at=None
    )
    return Q(Exists(mine), state__in=AT_WORK)


def to_name(seat: Seat) -> Q:
    """A refused transfer: the centre names the handler (指定管辖)."""
    refused = Ask.objects.filter(event=OuterRef("pk"), kind=Ask.Kind.TRANSFER, answer=Ask.Answer.REFUSED)
    return Q(desk=seat.unit, state__in=(State.REPORTED, State.ACCEPTED)) & Q(Exists(refused))


def own_steps(seat: Seat) -> Q:
    own = Step.objects.filter(event=OuterRef("pk"), organization=seat.unit)
    return Q(Exists(own), sensitive=False)


def to_rate(seat: Seat) -> Q:
    lately = seat.now - RATED_WITHIN
    return Q(reporter=seat.user, state=State.CLOSED, rating="", self_closed=False, closed_at__gte=lately)
