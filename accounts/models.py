"""People, organisations, roles and posts.

A person may do what a post gives: a post (任职) puts a person in the one group of its role and
organisation, and django-guardian grants that group the role's permissions on the organisation and
on the organisation's area. Posts are the only writer of groups and grants (``accounts.actions``).
"""

from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from accounts.audit import AuditEntry
from accounts.factors import Passkey
from accounts.sessions import Session
from accounts.throttle import Tally
from accounts.tokens import ApiToken
from grids.models import Area, Bilingual, District

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Passkey",
    "Session",
    "Tally",
]  # models of this application that stand in files of their own


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    username = models.CharField(_("user name"), max_length=60, unique=True)
    display_name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    district = models.ForeignKey(District, models.PROTECT, related_name="users")
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(default=False, help_text="One of the listed demo log-ins.")
    scope_version = models.PositiveIntegerField(
        default=1, help_text="Changes in the same transaction as any post of this person."
    )
    password_changed_at = models.DateTimeField(
        null=True, blank=True, help_text="Empty: somebody else chose the password."
    )
    training_until = models.DateTimeField(
        null=True, blank=True, help_text="In training until then; see ``accounts.training``."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def in_training(self) -> bool:
        """What the person reports now counts nowhere, and they see no real event."""
        return self.training_until is not None and self.training_until > timezone.now()

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def active(self):
        return self.filter(is_active=True)

    def of_kind(self, *kinds: str):
        return self.filter(kind__in=kinds)

    def with_staff(self, *, at: datetime, permission: str = "view_org_events"):
        """``has_staff``: whether an active person holds, at that instant, a post there with the permission."""
        return self.annotate(has_staff=Exists(_staff(OuterRef("pk"), at=at, permission=permission)))


def _staff(organization, *, at: datetime, permission: str) -> "models.QuerySet[Post]":
    posts = Post.objects.valid_at(at).filter(organization=organization, user__is_active=True)
    return posts.filter(role__organization_permissions__contains=[permission])


class Organization(Bilingual):
    """A unit that decides about events (a desk) or handles them."""

    class Kind(models.TextChoices):
        CENTRE = "centre", _("district command centre")
        ROOM = "room", _("street command room")
        COMMUNITY = "community", _("community desk")
        TEAM = "team", _("grid team")
        DEPARTMENT = "department", _("department")
        AGENCY = "agency", _("street agency")

    class Mode(models.TextChoices):
        RESIDENT = "resident", _("resident, under the street's daily management")
        OUTPOSTED = "outposted", _("outposted by area")
        NETWORK = "network", _("body of the street in the same line")

    district = models.ForeignKey(District, models.PROTECT, related_name="organizations")
    code = models.CharField(max_length=40, db_collation="C")
    kind = models.CharField(max_length=12, choices=Kind)
    area = models.ForeignKey(Area, models.PROTECT, related_name="organizations")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    platform = models.CharField(max_length=20, blank=True)
    agency_mode = models.CharField(max_length=10, choices=Mode, blank=True)
    tier = models.CharField(max_length=1, blank=True, help_text="In the chain of command 1+2+9+N.")
    is_active = models.BooleanField(default=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="organization_code")]
        indexes = [models.Index(fields=["area", "kind"], name="organization_area")]
        default_permissions = ()
        permissions = [
            ("view_org_events", "See the events this organisation decides on or handles"),
            ("report_for_org", "Report for this organisation"),
            ("accept_events", "Accept or reject at this desk"),
            ("dispatch_events", "Dispatch and recall at this desk"),
            ("verify_events", "Verify at this desk"),
            ("supervise_events", "Urge and comment at this desk"),
            ("rule_district", "Decide for the district"),
            ("handle_events", "Sign, handle and feed back"),
            ("head_org", "Answer for this organisation"),
            ("self_close_events", "Close simple matters without dispatch"),
            ("confirm_samples", "Check self-closed samples"),
            ("manage_rules", "Keep the district's calendar, numbers and routing"),
        ]

    @property
    def is_desk(self) -> bool:
        return self.kind in DESK_KINDS

    def is_staffed(self, *, at: datetime, permission: str) -> bool:
        """See ``with_staff``. One query."""
        return _staff(self, at=at, permission=permission).exists()


DESK_KINDS = (Organization.Kind.COMMUNITY, Organization.Kind.ROOM, Organization.Kind.CENTRE)


class Role(Bilingual):
    """What a post may do: permissions on its organisation and on the organisation's area."""

    code = models.SlugField(max_length=40, primary_key=True)
    kinds = ArrayField(models.CharField(max_length=12), help_text="Kinds of organisation that have it.")
    area_permissions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    organization_permissions = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]


class UnitGroup(models.Model):
    """The one group of a role in an organisation."""

    role = models.ForeignKey(Role, models.PROTECT)
    organization = models.ForeignKey(Organization, models.PROTECT)
    group = models.OneToOneField(Group, models.PROTECT, related_name="unit")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "organization"], name="unit_group")]


class PostQuerySet(models.QuerySet["Post"]):
    def valid_at(self, at):
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=at), valid_from__lte=at)


class Post(models.Model):
    """A person holds a role in an organisation for a time, [valid_from, valid_to)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts")
    role = models.ForeignKey(Role, models.PROTECT)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="posts")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    deputy_for = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="deputies", help_text="Held in its place."
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "organization"], condition=Q(valid_to=None), name="post_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.organization}"

    @property
    def title(self) -> str:
        """The role's name, and that it is held for another. Needs the role."""
        return (
            gettext("%(role)s (deputy)") % {"role": self.role.name} if self.deputy_for_id else self.role.name
        )


class OrganizationGroupPermission(GroupObjectPermissionBase):
    """guardian's direct-foreign-key grant on an organisation."""

    content_object = models.ForeignKey(Organization, models.CASCADE)


class AreaGroupPermission(GroupObjectPermissionBase):
    """guardian's direct-foreign-key grant on an area."""

    content_object = models.ForeignKey(Area, models.CASCADE)
