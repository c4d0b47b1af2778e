"""The projection that queues: each new notice becomes a hint for every browser of the people it is for.

Runs in the worker's transaction of ``dispatch.outbox`` after the notices' own, so no notice is queued twice or
forgotten; the quiet hours are the notice's. Who may see the event is asked when the hint is sent.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Post
from events.models import Step
from grid_platform.hints import nudge
from inbox.models import Notice
from inbox.recipients import ANYBODY, KINDS
from push.keys import vapid
from push.models import Hint, Subscription
from push.words import TOPIC_OF

GIVEN_UP_AFTER = timedelta(hours=12)
"""From the moment the notice is there to read; then the person looks by themselves."""


def queue(steps: Sequence[Step]) -> None:
    """No statement where push is not set up, one where nobody has subscribed; else at most 5."""
    tenants = {step.tenant for step in steps}
    if vapid() is None or not Subscription.objects.filter(tenant__in=tenants).exists():
        return
    notices = list(
        Notice.objects.filter(step__in=steps, kind__in=TOPIC_OF).select_related("step").order_by("pk")
    )
    posts = _posts({row.organization_id for row in notices} - {None})
    people = {notice.pk: _people_of(notice, posts) - {notice.step.actor_id} for notice in notices}
    devices: defaultdict[int, list[Subscription]] = defaultdict(list)
    for row in Subscription.objects.filter(user__in=set().union(*people.values()), user__is_active=True):
        devices[row.user_id].append(row)
    now = timezone.now()
    hints = [
        Hint(
            tenant=notice.tenant,
            subscription=device,
            notice=notice,
            topic=TOPIC_OF[notice.kind],
            created_at=now,
            next_try_at=notice.visible_from,
            expires_at=notice.visible_from + GIVEN_UP_AFTER,
        )
        for notice in notices
        for user in people[notice.pk]
        for device in devices.get(user, ())
    ]
    if hints:
        Hint.objects.bulk_create(hints, ignore_conflicts=True, batch_size=2000)
        transaction.on_commit(lambda: nudge("push.tasks.deliver"))


Held = dict[int, list[tuple[int, list[str]]]]
"""By organisation: who has a post there now, and with which permissions."""


def _posts(units: set[int | None]) -> Held:
    """Of those alone who have subscribed a device."""
    held: Held = defaultdict(list)
    subscribed = Exists(Subscription.objects.filter(user=OuterRef("user")))
    posts = Post.objects.valid_at(timezone.now()).filter(subscribed, organization__in=units)
    for unit, user, permissions in posts.values_list(
        "organization_id", "user_id", "role__organization_permissions"
    ):
        held[unit].append((user, permissions))
    return held


def _people_of(notice: Notice, posts: Held) -> set[int]:
    if notice.user_id:
        return {notice.user_id}
    wanted = KINDS[notice.kind].permission
    there = posts.get(notice.organization_id or 0, [])
    return {user for user, permissions in there if wanted == ANYBODY or wanted in permissions}
