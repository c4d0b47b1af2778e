"""The verbs that write people, organisations, roles and posts."""

import csv
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import audit
from accounts.demands import ADMINISTRATORS
from accounts.models import (
    AreaGroupPermission,
    Organization,
    OrganizationGroupPermission,
    Post,
    Role,
    UnitGroup,
    User,
)
from grids.models import District

DATA = Path(__file__).parent / "data"


@transaction.atomic
def load_roles(*, path: Path = DATA / "roles.csv") -> int:
    """Bring the roles to what the list says; grants of existing unit groups follow. Idempotent."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    roles = [
        Role(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            kinds=row["kinds"].split(),
            area_permissions=row["area_permissions"].split(),
            organization_permissions=row["organization_permissions"].split(),
            position=position,
        )
        for position, row in enumerate(rows)
    ]
    fields = ["name_zh", "name_en", "kinds", "area_permissions", "organization_permissions", "position"]
    Role.objects.bulk_create(roles, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    units = list(UnitGroup.objects.select_related("role", "organization"))
    if units and _grant(units):
        User.objects.filter(posts__role__in=roles).update(scope_version=F("scope_version") + 1)
    return len(roles)


@transaction.atomic
def appoint(
    *,
    user: User,
    role: str,
    organization: Organization,
    at: datetime,
    until: datetime | None = None,
    by: User | None = None,
    request: HttpRequest | None = None,
) -> Post:
    """Put a person in a post from ``at`` on; a second time changes nothing."""
    return appoint_many(rows=[(user, role, organization)], at=at, until=until, by=by, request=request)[0]


@transaction.atomic
def appoint_many(
    *,
    rows: Iterable[tuple[User, str, Organization]],
    at: datetime,
    until: datetime | None = None,
    by: User | None = None,
    request: HttpRequest | None = None,
) -> list[Post]:
    """Appoint many at once: rows of (person, role code, organisation). Idempotent for posts without an end.

    ``by``: who appoints, None for a command. Each new post is in the audit log. Raises WrongPostError when a role
    does not exist in an organisation of that kind, SeparatedPostsError when a person would hold two of the three
    administrators' posts at a time.
    """
    rows = list(rows)
    roles = {role.pk: role for role in Role.objects.all()}
    for _user, code, organization in rows:
        if code not in roles or organization.kind not in roles[code].kinds:
            raise WrongPostError(roles[code].name if code in roles else code, organization)
    _keep_administrators_apart(rows, at, until)
    groups = _unit_groups({(code, organization) for _user, code, organization in rows}, roles)

    user_ids = {user.pk for user, _code, _organization in rows}
    held = {
        (post.user_id, post.role_id, post.organization_id): post
        for post in Post.objects.filter(user__in=user_ids, valid_to=None)
    }
    new = [
        Post(user=user, role=roles[code], organization=organization, valid_from=at, valid_to=until)
        for user, code, organization in rows
        if (user.pk, code, organization.pk) not in held
    ]
    Post.objects.bulk_create(new)
    User.groups.through.objects.bulk_create(
        [
            User.groups.through(user_id=post.user_id, group_id=groups[post.role_id, post.organization_id])
            for post in new
        ],
        ignore_conflicts=True,
    )
    changed = {post.user_id for post in new}
    User.objects.filter(pk__in=changed).update(scope_version=F("scope_version") + 1)
    audit.record_many(
        audit.entry_of("post_begun", by, post.user.username, _told(post), request, post.user.district_id)
        for post in new
    )
    held |= {(post.user_id, post.role_id, post.organization_id): post for post in new}
    return [held[user.pk, code, organization.pk] for user, code, organization in rows]


@transaction.atomic
def end_post(*, post: Post, at: datetime, by: User | None = None, request: HttpRequest | None = None) -> Post:
    """The person leaves the post at ``at`` and the group with it."""
    related = Post.objects.select_related("user__district", "organization")
    post = related.select_for_update(of=["self"]).get(pk=post.pk)
    post.valid_to = at
    post.save(update_fields=["valid_to"])
    group = Group.objects.get(unit__role=post.role_id, unit__organization=post.organization_id)
    post.user.groups.remove(group)
    User.objects.filter(pk=post.user_id).update(scope_version=F("scope_version") + 1)
    audit.record(
        kind="post_ended",
        actor=by,
        subject=post.user.username,
        detail=_told(post),
        request=request,
        district=post.user.district,
    )
    return post


@transaction.atomic
def move_end(
    *, post: Post, until: datetime | None, by: User | None = None, request: HttpRequest | None = None
) -> Post:
    """The post ends at another instant than was said, or goes on without an end."""
    related = Post.objects.select_related("user__district", "organization")
    post = related.select_for_update(of=["self"]).get(pk=post.pk)
    post.valid_to = until
    post.save(update_fields=["valid_to"])
    post.user.groups.add(Group.objects.get(unit__role=post.role_id, unit__organization=post.organization_id))
    User.objects.filter(pk=post.user_id).update(scope_version=F("scope_version") + 1)
    audit.record(
        kind="post_end_moved",
        actor=by,
        subject=post.user.username,
        detail=_told(post),
        request=request,
        district=post.user.district,
    )
    return post


def _told(post: Post) -> dict[str, str]:
    """A post as the audit log keeps it."""
    told = {"role": post.role_id, "organization": post.organization.code, "from": post.valid_from.isoformat()}
    return told | ({"until": post.valid_to.isoformat()} if post.valid_to else {})


def _keep_administrators_apart(
    rows: list[tuple[User, str, Organization]], at: datetime, until: datetime | None
) -> None:
    """The persons are locked first: two appointments at once would each see only the posts of before."""
    wanted = [(user, code) for user, code, _organization in rows if code in ADMINISTRATORS]
    if not wanted:
        return
    people = sorted({user.pk for user, _code in wanted})
    list(User.objects.select_for_update().filter(pk__in=people).order_by("pk").values_list("pk"))
    meanwhile = Q(valid_to=None) | Q(valid_to__gt=at)
    if until:
        meanwhile &= Q(valid_from__lt=until)
    posts = Post.objects.filter(meanwhile, user__in=people, role__in=ADMINISTRATORS)
    roles: dict[int, set[str]] = {}
    for user_id, code in [
        *posts.values_list("user_id", "role_id"),
        *((user.pk, code) for user, code in wanted),
    ]:
        roles.setdefault(user_id, set()).add(code)
    for user, code in wanted:
        if len(roles[user.pk]) > 1:
            raise SeparatedPostsError(user, code)


@transaction.atomic
def load_organizations(*, district: District, rows: Iterable[dict]) -> dict[str, Organization]:
    """Create or update organisations by code; returns all of the district by code.

    A row holds ``code, kind, area`` (an Area), ``name_zh, name_en`` and optionally ``platform``, ``agency_mode``,
    ``tier``, ``is_active`` and ``parent`` (the code of an organisation loaded before or in these rows). Grants
    follow an organisation to another area, and the scopes of its people with them. Raises UnknownParentError.
    """
    known = {unit.code: unit for unit in Organization.objects.filter(district=district)}
    before = {code: (unit.area_id, unit.is_active) for code, unit in known.items()}
    waiting = list(rows)
    fields = ["kind", "area", "name_zh", "name_en", "platform", "agency_mode", "tier", "is_active", "parent"]
    while waiting:
        lower = {row["code"] for row in waiting}
        ready = [row for row in waiting if not row.get("parent") or row["parent"] not in lower]
        if not ready or any(row.get("parent") and row["parent"] not in known for row in ready):
            raise UnknownParentError(waiting[0]["code"])
        units = [_organization(district, row, known) for row in ready]
        Organization.objects.bulk_create(
            units, update_conflicts=True, unique_fields=["district", "code"], update_fields=fields
        )
        known |= {unit.code: unit for unit in units}
        done = {row["code"] for row in ready}
        waiting = [row for row in waiting if row["code"] not in done]
    changed = [
        known[code].pk for code, was in before.items() if was != (known[code].area_id, known[code].is_active)
    ]
    if changed:
        _grant(UnitGroup.objects.select_related("role", "organization").filter(organization__in=changed))
        posts = Post.objects.filter(organization__in=changed)
        User.objects.filter(pk__in=posts.values("user")).update(scope_version=F("scope_version") + 1)
    return known


def _organization(district: District, row: dict, known: dict[str, Organization]) -> Organization:
    old = known.get(row["code"])
    return Organization(
        district=district,
        code=row["code"],
        kind=row["kind"],
        area=row["area"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        platform=row.get("platform", ""),
        agency_mode=row.get("agency_mode", ""),
        tier=row.get("tier", old.tier if old else ""),
        is_active=row.get("is_active", old.is_active if old else True),
        parent=known[row["parent"]] if row.get("parent") else None,
    )


def _unit_groups(wanted: set[tuple[str, Organization]], roles: dict[str, Role]) -> dict[tuple[str, int], int]:
    """The group id of each (role, organisation id); missing groups are made with their grants."""
    organizations = {organization for _code, organization in wanted}
    found = {
        (unit.role_id, unit.organization_id): unit.group_id
        for unit in UnitGroup.objects.filter(organization__in=organizations)
    }
    missing = sorted(
        ((code, unit) for code, unit in wanted if (code, unit.pk) not in found),
        key=lambda pair: (pair[0], pair[1].pk),
    )
    groups = Group.objects.bulk_create([Group(name=f"{code}@{unit.pk}") for code, unit in missing])
    units = UnitGroup.objects.bulk_create(
        [
            UnitGroup(role=roles[code], organization=unit, group=group)
            for (code, unit), group in zip(missing, groups, strict=True)
        ]
    )
    _grant(units)
    return found | {(unit.role_id, unit.organization_id): unit.group_id for unit in units}


def _grant(units: Iterable[UnitGroup]) -> bool:
    """Make the groups' grants equal to their roles' permissions; True when anything changed."""
    units = list(units)
    permissions = {
        (permission.content_type.model, permission.codename): permission.pk
        for permission in Permission.objects.filter(
            content_type__app_label__in=["accounts", "grids"]
        ).select_related("content_type")
    }
    changed = False
    tables: tuple[tuple[type[OrganizationGroupPermission] | type[AreaGroupPermission], set], ...] = (
        (
            OrganizationGroupPermission,
            {
                (unit.group_id, permissions["organization", codename], unit.organization_id)
                for unit in units
                for codename in unit.role.organization_permissions
            },
        ),
        (
            AreaGroupPermission,
            {
                (unit.group_id, permissions["area", codename], unit.organization.area_id)
                for unit in units
                for codename in unit.role.area_permissions
            },
        ),
    )
    for model, wanted in tables:
        grants = model.objects.filter(group__in=[unit.group_id for unit in units])
        present = {
            (grant.group_id, grant.permission_id, grant.content_object_id): grant.pk for grant in grants
        }
        extra = [pk for key, pk in present.items() if key not in wanted]
        missing = sorted(wanted - present.keys())
        model.objects.filter(pk__in=extra).delete()
        for_each = [
            model(group_id=group, permission_id=perm, content_object_id=target)
            for group, perm, target in missing
        ]
        model._default_manager.bulk_create(for_each)  # type: ignore[arg-type]
        changed = changed or bool(extra or missing)
    return changed


class WrongPostError(ValueError):
    """A role that does not exist in that kind of organisation."""

    code = "wrong_post"

    def __init__(self, role: str, organization: Organization | str):
        words = _("%(organization)s has no post %(role)s. Choose a post that this kind of organisation has.")
        super().__init__(words % {"organization": organization, "role": role})


class UnknownParentError(ValueError):
    """An organisation's upper one is nowhere, or the upper ones lead in a circle."""

    code = "unknown_parent"

    def __init__(self, code: str):
        super().__init__(_("The upper organisations of %s do not lead anywhere. Correct their codes.") % code)


class SeparatedPostsError(ValueError):
    """Nobody may be two of system, security and audit administrator at a time."""

    code = "separated_posts"

    def __init__(self, user: User, role: str):
        words = _("%(name)s already has the post of another administrator. Appoint a different person.")
        super().__init__(words % {"name": user.display_name})


@transaction.atomic
def enlist(*, district: District, rows: Iterable[dict]) -> dict[str, User]:
    """Create people by user name; who is there stays as they are. Returns all of them by user name.

    A row holds ``username, display_name`` and optionally ``phone``, ``is_demo`` and ``password`` (as
    ``make_password`` gives it; without one nobody can log in under the name).
    """
    rows = list(rows)
    User.objects.bulk_create(
        [
            User(
                district=district,
                username=row["username"],
                display_name=row["display_name"],
                phone=row.get("phone", ""),
                is_demo=row.get("is_demo", False),
                password=row.get("password") or make_password(None),
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    return {
        user.username: user for user in User.objects.filter(username__in=[row["username"] for row in rows])
    }
