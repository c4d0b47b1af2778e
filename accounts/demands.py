"""What the product demands of a person's log-in, by the posts held: a second step, life signs, a young password.

Also the three administrators, whose posts exclude each other (三员分立): the system administrator has accounts,
posts, the checklist and the calendar, the security administrator locks, sessions and second steps, the audit
administrator the logs.
"""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import DESK_KINDS, Organization, User
from accounts.scope import Scope

SYSTEM, SECURITY, AUDIT = ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
PHONE_KINDS = (Organization.Kind.TEAM, Organization.Kind.AGENCY)
"""Kinds of organisation whose people work with a phone in hand."""


def needs_second_step(scope: Scope) -> bool:
    """Desks and administrators, where ``REQUIRE_SECOND_FACTOR`` is set."""
    return settings.REQUIRE_SECOND_FACTOR and any(
        post.organization_kind in DESK_KINDS or post.role in ADMINISTRATORS for post in scope.posts
    )


def idle_seconds(scope: Scope) -> int:
    """How long a log-in may be idle; of several posts the strictest counts."""
    in_the_field = scope.posts and all(post.organization_kind in PHONE_KINDS for post in scope.posts)
    return 60 * (settings.SESSION_IDLE_MINUTES_PHONE if in_the_field else settings.SESSION_IDLE_MINUTES)


def password_has_expired(user: User, *, now: datetime) -> bool:
    """Older than ``PASSWORD_MAX_AGE_DAYS``, or given by somebody else and never changed; 0 days: never."""
    days = settings.PASSWORD_MAX_AGE_DAYS
    if not days:
        return False
    return user.password_changed_at is None or now - user.password_changed_at > timedelta(days=days)
