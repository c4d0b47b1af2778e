"""What a person may see and do: the one answer every rule of permission asks for.

A scope is computed from the posts held now, with django-guardian's grants, and kept in memory under
the person's ``scope_version``; it is never older than the next start or end of one of the posts.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import Q
from django.utils import timezone

from accounts.models import AreaGroupPermission, Organization, OrganizationGroupPermission, Post, User
from grids.models import District
from grids.queries import with_predecessors

NOTHING: frozenset = frozenset()
COMMAND_KINDS = (Organization.Kind.ROOM, Organization.Kind.CENTRE)
"""What commands a major incident: a street's room, or the district's centre."""
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class HeldPost:
    """A post as a scope remembers it."""

    id: int
    role: str
    role_name_zh: str
    role_name_en: str
    organization_id: int
    organization_kind: str
    area_code: str
    name_zh: str
    name_en: str
    permissions: frozenset[str] = NOTHING
    deputy_for: str = ""
    """Whose post it is, when it is held in somebody's place."""


@dataclass(frozen=True)
class Scope:
    """``areas`` and ``organizations`` map a permission's codename to area codes and organisation ids."""

    posts: tuple[HeldPost, ...] = ()
    areas: Mapping[str, frozenset[str]] = field(default_factory=dict)
    organizations: Mapping[str, frozenset[int]] = field(default_factory=dict)
    own_organizations: frozenset[int] = NOTHING
    valid_until: datetime = _END_OF_TIME

    def codes(self, permission: str) -> frozenset[str]:
        return self.areas.get(permission, NOTHING)

    def units(self, permission: str) -> frozenset[int]:
        return self.organizations.get(permission, NOTHING)

    def covers(self, permission: str, area_code: str) -> bool:
        return any(area_code.startswith(code) for code in self.codes(permission))

    def post_in(self, organization_id: int | None, permission: str = "") -> HeldPost | None:
        """The post in an organisation that gives the permission; one's own before one held for another."""
        there = [post for post in self.posts if post.organization_id == organization_id]
        return min(
            there, key=lambda post: (permission not in post.permissions, bool(post.deputy_for)), default=None
        )

    def post_over(self, area_code: str) -> HeldPost | None:
        """The post nearest above a place."""
        above = [post for post in self.posts if area_code.startswith(post.area_code)]
        return max(above, key=lambda post: len(post.area_code), default=None)

    def commanding_post(self, permission: str, area_code: str) -> HeldPost | None:
        """The nearest post of a command room or centre over a place that gives the permission."""
        over = [
            post
            for post in self.posts
            if post.organization_kind in COMMAND_KINDS
            and permission in post.permissions
            and area_code.startswith(post.area_code)
        ]
        return max(over, key=lambda post: len(post.area_code), default=None)

    def holds(self, *roles: str) -> bool:
        return any(post.role in roles for post in self.posts)


@dataclass(frozen=True)
class Actor:
    """Who acts: a person with a scope, or the system (``user`` is None)."""

    user: User | None
    scope: Scope
    district: District

    @classmethod
    def of(cls, user: User) -> "Actor":
        return cls(user, scope_of(user), user.district)

    @classmethod
    def system(cls, district: District) -> "Actor":
        return cls(None, Scope(), district)

    @property
    def is_system(self) -> bool:
        return self.user is None

    @property
    def in_training(self) -> bool:
        return self.user is not None and self.user.in_training

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None


_cache: dict[int, tuple[int, Scope]] = {}
_CACHE_LIMIT = 5000


def scope_of(user: User, *, now: datetime | None = None) -> Scope:
    """The scope of a person; no query when it is in memory and still valid."""
    now = now or timezone.now()
    cached = _cache.get(user.pk)
    if cached and cached[0] == user.scope_version and now < cached[1].valid_until:
        return cached[1]
    scope = _compute(user, now)
    if len(_cache) >= _CACHE_LIMIT:
        _cache.clear()
    _cache[user.pk] = (user.scope_version, scope)
    return scope


def _compute(user: User, now: datetime) -> Scope:
    rows = user.posts.filter(Q(valid_to=None) | Q(valid_to__gt=now)).select_related(
        "role", "organization__area", "deputy_for__user"
    )
    posts = [post for post in rows.order_by("pk") if post.organization.is_active]
    changes = [at for post in posts for at in (post.valid_from, post.valid_to) if at and at > now]
    held = [post for post in posts if post.valid_from <= now]
    groups = Q()
    for post in held:
        groups |= Q(group__unit__role=post.role, group__unit__organization=post.organization)
    if not held or not user.is_active:
        return Scope(valid_until=min(changes, default=_END_OF_TIME))

    areas = defaultdict(set)
    for codename, code in AreaGroupPermission.objects.filter(groups).values_list(
        "permission__codename", "content_object__code"
    ):
        areas[codename].add(code)
    organizations = defaultdict(set)
    for codename, pk in OrganizationGroupPermission.objects.filter(groups).values_list(
        "permission__codename", "content_object_id"
    ):
        organizations[codename].add(pk)
    return Scope(
        posts=tuple(_remember(post) for post in held),
        areas={name: frozenset(with_predecessors(codes)) for name, codes in areas.items()},
        organizations={name: frozenset(ids) for name, ids in organizations.items()},
        own_organizations=frozenset(post.organization_id for post in held),
        valid_until=min(changes, default=_END_OF_TIME),
    )


def _remember(post: Post) -> HeldPost:
    organization = post.organization
    return HeldPost(
        id=post.pk,
        role=post.role_id,
        role_name_zh=post.role.name_zh,
        role_name_en=post.role.name_en,
        organization_id=organization.pk,
        organization_kind=organization.kind,
        area_code=organization.area.code,
        name_zh=organization.name_zh,
        name_en=organization.name_en,
        permissions=frozenset(post.role.organization_permissions),
        deputy_for=post.deputy_for.user.display_name if post.deputy_for else "",
    )
