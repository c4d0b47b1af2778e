"""In which of their posts a person sits, and which queues stand before them there."""

from django.utils import timezone

from accounts.models import Organization, User
from accounts.scope import HeldPost, Scope, scope_of
from desks.queue_rules import Seat
from desks.queues import Queue, queues_of


def post_of(scope: Scope, named: str) -> HeldPost | None:
    """The post whose id is named, else the first."""
    posts = [post for post in scope.posts if str(post.id) == named]
    return next(iter([*posts, *scope.posts]), None)


def seat_of(user: User, named: str) -> Seat | None:
    """In the post whose id is named, else in the first; None for a post that has no events to work on."""
    scope = scope_of(user)
    post = post_of(scope, named)
    if post and post.organization_id in scope.units("view_org_events"):
        return Seat(user, post, timezone.now())
    return None


def queues_for(scope: Scope, seat: Seat) -> list[Queue]:
    """A desk shows all its queues to each of its posts; in a team only the leader checks samples."""
    queues = queues_of(seat.post)
    if seat.post.organization_kind != Organization.Kind.TEAM:
        return queues
    return [queue for queue in queues if not queue.permission or seat.unit in scope.units(queue.permission)]
