"""Who stands in for whom: a deputy for a time, a successor for a leaver.

Open events belong to organisations, so they stay where they are; what is a person's own is passed on by those
who keep it (``PERSONAL``). A deputy's post ends by itself, and steps name it as any other post.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actions import appoint, end_post
from accounts.models import Organization, Post, UnitGroup, User

PERSONAL: list[Callable[[User, User], None]] = []
"""Called with (leaver, successor) when work is handed over; applications above add theirs."""


@transaction.atomic
def deputise(*, post: Post, deputy: User, at: datetime, until: datetime, by: User | None = None) -> Post:
    """Give a deputy the same role in the same organisation, [at, until). Raises SubstitutionError."""
    post = Post.objects.select_for_update(of=["self"]).select_related("organization", "user").get(pk=post.pk)
    if not at < until or post.valid_from > at or (post.valid_to and post.valid_to < until):
        raise SubstitutionError("wrong_period", _("Choose an end after the beginning, while the post lasts."))
    if post.deputy_for_id:
        raise SubstitutionError(
            "deputy_of_deputy", _("This post is held for another. Choose that one's post.")
        )
    _check_person(deputy, post.user)
    meanwhile = Q(valid_to=None) | Q(valid_to__gt=at)
    same = Post.objects.filter(meanwhile, user=deputy, role=post.role_id, organization=post.organization_id)
    if same.filter(valid_from__lt=until).exists():
        raise SubstitutionError(
            "holds_it_already", _("This person has the same post then anyway. Choose another.")
        )
    made = appoint(user=deputy, role=post.role_id, organization=post.organization, at=at, until=until, by=by)
    made.deputy_for = post
    made.save(update_fields=["deputy_for"])
    return made


@dataclass(frozen=True)
class HandedOver:
    """The posts that ended, and the organisations that have nobody now."""

    ended: list[Post]
    unmanned: list[Organization]


@transaction.atomic
def hand_over(
    *, leaver: User, to: User, at: datetime, by: User | None = None, with_posts: bool = False
) -> HandedOver:
    """End every post of a leaver and pass on what was theirs alone. Raises SubstitutionError.

    ``with_posts``: the successor holds the leaver's own posts from now on. Deputies of the leaver stay until
    their time is over. Raises SeparatedPostsError when two administrators' posts would meet in one person.
    """
    _check_person(to, leaver)
    posts = leaver.posts.filter(Q(valid_to=None) | Q(valid_to__gt=at)).order_by("pk")
    ended = [end_post(post=post, at=max(at, post.valid_from), by=by) for post in posts]
    if with_posts:
        for post in ended:
            if not post.deputy_for_id:
                appoint(user=to, role=post.role_id, organization=post.organization, at=at, by=by)
    for pass_on in PERSONAL:
        pass_on(leaver, to)
    left = Organization.objects.filter(pk__in={post.organization_id for post in ended}).with_staff(at=at)
    return HandedOver(ended, list(left.filter(has_staff=False).order_by("code")))


@transaction.atomic
def leave_ended_posts(*, now: datetime) -> int:
    """Take those out of their groups whose posts ended by themselves; returns how many posts. Safe to run twice.

    A scope asks for the posts and needs no group; whoever asks django-guardian does.
    """
    ended = Post.objects.filter(valid_to__lte=now, user__groups__unit__role=F("role")).filter(
        user__groups__unit__organization=F("organization")
    )
    done = 0
    for post in ended.select_related("user").distinct():
        still = post.user.posts.valid_at(now).filter(role=post.role_id, organization=post.organization_id)
        if not still.exists():
            unit = UnitGroup.objects.get(role=post.role_id, organization=post.organization_id)
            post.user.groups.remove(unit.group_id)
            done += 1
    return done


def _check_person(chosen: User, instead_of: User) -> None:
    if chosen.pk == instead_of.pk:
        raise SubstitutionError("same_person", _("Nobody stands in for themselves. Choose somebody else."))
    if not chosen.is_active or chosen.district_id != instead_of.district_id:
        raise SubstitutionError(
            "not_available", _("This account cannot be chosen. Choose an active colleague.")
        )


class SubstitutionError(ValueError):
    """Stable ``code``; the message says what to do."""

    def __init__(self, code: str, message: str | Promise):
        super().__init__(message)
        self.code, self.message = code, message
