"""Views of the desk's page under a name: saved, renamed, shared, made the start, deleted and taken back.

A view belongs to a person in an organisation. Who holds a post there sees the shared ones; its owner changes it,
and whoever heads the organisation changes the shared ones too. What a view shows is decided anew for each reader:
it keeps an address and never an event.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scope import scope_of
from desks.desk_state import address, kept_part
from desks.models import SavedView

MOST = 30
"""Views of one person in one organisation."""
KEPT_FOR = timedelta(days=1)
"""How long a deleted one can be taken back."""


class SavedViewError(Exception):
    """A view that cannot be kept so; ``code`` is stable, ``message`` says what to do."""

    code = "view_refused"
    message: str | Promise = ""


class ViewNameTakenError(SavedViewError):
    code = "view_name_taken"
    message = _("You have a view of this name already. Choose another name.")


class ViewNameMissingError(SavedViewError):
    code = "view_name_missing"
    message = _("Give the view a name of at most 40 characters.")


class TooManyViewsError(SavedViewError):
    code = "too_many_views"
    message = _("You keep 30 views already. Delete one first.")


def visible_views(user: User) -> QuerySet[SavedView]:
    """One's own and the shared ones of the organisations one works in, deleted ones too."""
    units = scope_of(user).units("view_org_events")
    return SavedView.objects.filter(
        Q(owner=user) | Q(shared=True), tenant=user.district_id, organization__in=units
    )


def views_of(user: User, unit: int) -> list[SavedView]:
    """Those of one organisation, the personal ones first, with ``is_start`` and ``may_change``. One query."""
    starts = SavedView.starts_for.through.objects.filter(savedview=OuterRef("pk"), user=user)
    rows: list[SavedView] = list(
        visible_views(user).filter(organization=unit, deleted_at=None).annotate(is_start=Exists(starts))
    )
    for row in rows:
        row.may_change = may_change(user, row)  # type: ignore[attr-defined]
    return rows


def starting_view(user: User, unit: int) -> SavedView | None:
    return visible_views(user).filter(organization=unit, deleted_at=None, starts_for=user).first()


def may_change(user: User, view: SavedView) -> bool:
    heads = scope_of(user).units("head_org")
    return view.owner_id == user.pk or (view.shared and view.organization_id in heads)


def save_view(*, user: User, unit: int, name: str, query: str, shared: bool, now: datetime) -> SavedView:
    """Keep the state in ``query`` under a name; the unit is one of the person's. Raises SavedViewError."""
    own = SavedView.objects.filter(owner=user, organization=unit)
    own.filter(deleted_at__lt=now - KEPT_FOR).delete()
    if own.filter(deleted_at=None).count() >= MOST:
        raise TooManyViewsError
    view = SavedView(
        tenant=user.district_id,
        organization_id=unit,
        owner=user,
        query=address(kept_part(query)),
        shared=shared,
        made_at=now,
    )
    return _named(view, name)


def rename_view(*, view: SavedView, name: str) -> SavedView:
    return _named(view, name)


def share_view(*, view: SavedView) -> None:
    """With everybody who works in the organisation, or no more."""
    view.shared = not view.shared
    view.save(update_fields=["shared"])
    if not view.shared:
        view.starts_for.set(view.starts_for.filter(pk=view.owner_id))


@transaction.atomic
def start_with(*, user: User, view: SavedView) -> None:
    """The person's desk opens with it; asked again, with none."""
    there = SavedView.starts_for.through.objects.filter(
        user=user, savedview__organization=view.organization_id
    )
    was = there.filter(savedview=view).exists()
    there.delete()
    if not was:
        view.starts_for.add(user)


def delete_view(*, view: SavedView, now: datetime) -> None:
    view.deleted_at = now
    view.save(update_fields=["deleted_at"])


def restore_view(*, view: SavedView) -> SavedView:
    """Take a deletion back. Raises ViewNameTakenError when the name has gone to another meanwhile."""
    view.deleted_at = None
    return _named(view, view.name)


def _named(view: SavedView, name: str) -> SavedView:
    view.name = name.strip().replace("\x00", "")
    if not 1 <= len(view.name) <= 40:
        raise ViewNameMissingError
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise ViewNameTakenError from None
    return view
