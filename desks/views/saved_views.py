"""Saving a view of the desk and changing one; each answer leads back to the desk."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import PersonRequest
from desks import saved_views
from desks.models import SavedView
from desks.saved_views import SavedViewError
from desks.seats import seat_of

ACTS = ("rename", "share", "start", "delete", "restore")
OF_THE_OWNER = ("rename", "share", "delete", "restore")


@require_POST
def save(request: PersonRequest) -> HttpResponse:
    """``query`` is the page's address, ``post`` the post whose organisation it is kept in."""
    seat = seat_of(request.user, request.POST.get("post", ""))
    if seat is None:
        raise PermissionDenied
    query = request.POST.get("query", "")
    try:
        view = saved_views.save_view(
            user=request.user,
            unit=seat.unit,
            name=request.POST.get("name", ""),
            query=query,
            shared=request.POST.get("shared") == "on",
            now=timezone.now(),
        )
    except SavedViewError as error:
        messages.error(request, str(error.message))
        return _back(request, query)
    messages.success(request, _("Saved: %(name)s.") % {"name": view.name})
    return _back(request, view.query)


@require_POST
def act(request: PersonRequest, view_id: int, act: str) -> HttpResponse:
    view = saved_views.visible_views(request.user).filter(pk=view_id).first()
    if view is None or act not in ACTS or (view.is_deleted and act != "restore"):
        raise Http404
    if act in OF_THE_OWNER and not saved_views.may_change(request.user, view):
        raise PermissionDenied
    try:
        _do(request, view, act)
    except SavedViewError as error:
        messages.error(request, str(error.message))
    return _back(request, view.query if act == "restore" else request.POST.get("query", ""))


def _do(request: PersonRequest, view: SavedView, act: str) -> None:
    match act:
        case "rename":
            saved_views.rename_view(view=view, name=request.POST.get("name", ""))
        case "share":
            saved_views.share_view(view=view)
        case "start":
            saved_views.start_with(user=request.user, view=view)
        case "delete":
            saved_views.delete_view(view=view, now=timezone.now())
            messages.info(
                request, _("Deleted: %(name)s.") % {"name": view.name}, extra_tags=f"undo-{view.pk}"
            )
        case "restore":
            saved_views.restore_view(view=view)


def _back(request: PersonRequest, query: str) -> HttpResponse:
    """To the desk as it was, in the post it was in."""
    kept = saved_views.kept_part(query)
    if post := request.POST.get("post", ""):
        kept["post"] = post
    return redirect(f"{reverse('desks:home')}?{urlencode(kept)}" if kept else reverse("desks:home"))
