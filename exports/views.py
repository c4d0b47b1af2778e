"""My exports, a new one, its file; and what waits for the security administrator."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.demands import SECURITY
from accounts.models import User
from accounts.requests import PersonRequest
from accounts.scope import Actor, scope_of
from desks.listing import wanted_fragment
from exports import actions
from exports.errors import ExportError, InTrainingError, NothingFoundError
from exports.filter_words import filters_in_words
from exports.forms import LISTS, DecisionForm, ExportForm
from exports.models import APPROVED_ABOVE, Export, Kind, Status
from exports.rows import Asked, Size
from exports.sources import SOURCES, WITH_PERSONAL_DATA

SHOWN = 50
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    """The newest first; while one is under way the list asks for itself again. One query beyond the
    session's, and one for each that is filtered by a category or a place."""
    rows = list(Export.objects.of(request.user).select_related("decided_by").order_by("-pk")[:SHOWN])
    now = timezone.now()
    for row in rows:
        row.filters = filters_in_words(row.kind, row.query, request.user.district)
        row.is_ready = row.status == Status.DONE and row.expires_at > now
        row.is_kept = actions.holds_still(row, request.user)
    shown = {
        "exports": rows,
        "any_under_way": any(row.is_under_way for row in rows),
        "kept_days": settings.EXPORT_KEPT_DAYS,
    }
    template = "exports/_list.html" if wanted_fragment(request) == "exports" else "exports/mine.html"
    response = render(request, template, shown)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest) -> HttpResponse:
    """GET with the filters of the list in the address. POST: the wish, then to my exports."""
    if request.method != "POST":
        asked = request.GET.copy()
        what = asked.get("what", Kind.EVENTS)
        for name in actions.NO_FILTERS:
            asked.pop(name, None)
        return _new(request, ExportForm(initial={"what": what, "format": "xlsx", "query": asked.urlencode()}))
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _new(request, form)
    given = form.cleaned_data | {"kind": form.cleaned_data["what"]}
    del given["what"]
    try:
        export = actions.ask(user=request.user, now=timezone.now(), request=request, **given)
    except ExportError as refusal:
        form.add_error(refusal.field or None, str(refusal.message))
        return _new(request, form)
    if export.status == Status.WAITING_APPROVAL:
        words = _("Noted. The file is made when the security administrator has approved it.")
    else:
        words = _("Noted. The file is being made; you need not wait here.")
    messages.success(request, words)
    return redirect("exports:mine")


def _new(request: PersonRequest, form: ExportForm) -> HttpResponse:
    what, query = form["what"].value(), form["query"].value() or ""
    if what not in Kind.values:
        what = Kind.EVENTS
    size, refusal = _sized(request.user, what, query)
    shown = {
        "form": form,
        "what": what,
        "kinds": [kind for kind in Kind if kind in (LISTS if what in LISTS else (what,))],
        "size": size,
        "filters": filters_in_words(what, query, request.user.district),
        "refusal": refusal,
        "may_unmask": what in WITH_PERSONAL_DATA and bool(size and size.personal),
        "approved_above": APPROVED_ABOVE,
        "kept_days": settings.EXPORT_KEPT_DAYS,
    }
    return render(request, "exports/new.html", shown, status=400 if form.is_bound else 200)


def _sized(user: User, what: str, query: str) -> tuple[Size | None, ExportError | None]:
    """How much it would be; or why it cannot be."""
    if user.in_training:
        return None, InTrainingError()
    try:
        size = SOURCES[what](Asked(query, False, timezone.now())).size(Actor.of(user))
    except ExportError as refusal:
        return None, refusal
    return size, None if size.rows else NothingFoundError()


@require_GET
def file(request: PersonRequest, export_id: int) -> HttpResponseBase:
    """A download for the asker, kept by no cache; each is in the audit log."""
    try:
        fetched = actions.fetch(export_id=export_id, user=request.user, now=timezone.now(), request=request)
    except ExportError as refusal:
        messages.error(request, str(refusal.message))
        return redirect("exports:mine")
    answer = FileResponse(
        fetched.path.open("rb"),
        as_attachment=True,
        filename=fetched.name,
        content_type=TYPES[fetched.format],
    )
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
def cancel(request: PersonRequest, export_id: int) -> HttpResponse:
    try:
        actions.cancel(export_id=export_id, user=request.user, now=timezone.now(), request=request)
        messages.success(request, _("Cancelled. No file is kept of it."))
    except ExportError as refusal:
        messages.error(request, str(refusal.message))
    return redirect("exports:mine")


@require_safe
def approvals(request: PersonRequest) -> HttpResponse:
    """For the security administrator: what waits, the oldest first, and what was decided last."""
    return _approvals(request)


@require_POST
def decide(request: PersonRequest, export_id: int) -> HttpResponse:
    form = DecisionForm(request.POST)
    try:
        export = actions.decide(
            export_id=export_id,
            by=request.user,
            approve=form.is_valid() and form.cleaned_data["verdict"] == "approve",
            decision=form.data.get("decision", "")[:200],
            now=timezone.now(),
            request=request,
        )
    except ExportError as refusal:
        return _approvals(request, refusal=refusal, about=export_id)
    words = _("Approved.") if export.status == Status.WAITING else _("Refused.")
    messages.success(request, words)
    return redirect("exports:approvals")


def _approvals(
    request: PersonRequest, *, refusal: ExportError | None = None, about: int | None = None
) -> HttpResponse:
    if not scope_of(request.user).holds(SECURITY):
        raise PermissionDenied
    exports = Export.objects.filter(tenant=request.user.district_id, whole=True)
    exports = exports.select_related("user", "organization", "decided_by")
    waiting = list(exports.to_approve(request.user.district).order_by("pk"))
    shown = {
        "waiting": [(row, filters_in_words(row.kind, row.query, request.user.district)) for row in waiting],
        "decided": list(exports.exclude(decided_by=None).order_by("-decided_at")[:SHOWN]),
        "refusal": refusal,
        "about": about,
        "approved_above": APPROVED_ABOVE,
    }
    return render(request, "exports/approvals.html", shown, status=409 if refusal else 200)
