"""Pages of the system administrator: a file of areas uploaded, its dry run looked at, then loaded."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.demands import SYSTEM
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks import area_imports
from desks.area_import_form import AreaImportForm
from desks.area_import_words import lines
from desks.area_imports import REFUSALS, upload
from desks.models import AreaImport
from grids.area_template import workbook
from grids.models import Area

ROWS = 20
ACTS = ("load", "check", "discard")


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: PersonRequest) -> HttpResponse:
    """What was imported before; a POST uploads a file, which a worker checks."""
    _authorise(request)
    form = AreaImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        row = upload(by=request.user, file=form.source, reading=form.reading, now=timezone.now())
        return redirect("areas:import", row.pk)
    before = _of_district(request).defer("content", "picture")
    shown = {"form": form, "history": Paginator(before, ROWS).get_page(request.GET.get("page"))}
    return render(request, "desks/areas/imports.html", shown, status=400 if form.is_bound else 200)


@require_safe
def area_import(request: PersonRequest, import_id: int) -> HttpResponse:
    """The report; the part that waits for a worker asks for itself again."""
    _authorise(request)
    row = get_object_or_404(_of_district(request), pk=import_id)
    shown: dict[str, Any] = {
        "row": row,
        "refusal": REFUSALS.get(row.refusal),
        "lines": lines(row),
        "without_units": _without_units(row),
    }
    is_part = request.htmx.target == "import-report" and not request.htmx.history_restore_request
    return render(request, f"desks/areas/{'_report' if is_part else 'import'}.html", shown)


@require_POST
def import_act(request: PersonRequest, import_id: int, act: str) -> HttpResponse:
    """Load it, check it again, or discard it."""
    _authorise(request)
    row = get_object_or_404(_of_district(request), pk=import_id)
    version = request.POST.get("version", "")
    if act not in ACTS:
        raise Http404
    now = timezone.now()
    known = int(version) if version.isdecimal() and len(version) < 10 else -1
    if not area_imports.act(row=row, verb=act, by=request.user, version=known, now=now, request=request):
        messages.error(request, _("This import has moved on meanwhile. Look at it again."))
    return redirect("areas:import", row.pk)


@require_safe
def import_map(request: PersonRequest, import_id: int) -> HttpResponse:
    """What it changes, as GeoJSON."""
    _authorise(request)
    return JsonResponse(get_object_or_404(_of_district(request), pk=import_id).picture)


@require_safe
def template(request: PersonRequest) -> HttpResponse:
    """The form to fill in; with ``present`` it holds the areas as they are."""
    _authorise(request)
    areas = Area.objects.filter(district=request.user.district_id, valid_to=None)
    filled = areas.prefetch_related("predecessors") if "present" in request.GET else ()
    return HttpResponse(
        workbook(filled),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="areas-{date.today():%Y%m%d}.xlsx"'},
    )


def _authorise(request: PersonRequest) -> None:
    if not scope_of(request.user).holds(SYSTEM):
        raise PermissionDenied


def _of_district(request: PersonRequest) -> Any:
    rows = AreaImport.objects.filter(district=request.user.district_id)
    return rows.select_related("by", "loaded_by").defer("content")


def _without_units(row: AreaImport) -> int:
    """How many areas it brought that have no desk and no team yet. One query for a loaded one, else none."""
    if row.state != AreaImport.State.LOADED:
        return 0
    new = Area.objects.filter(
        district=row.district_id, code__in=[one.code for one in lines(row) if one.kind == "new"]
    )
    return new.exclude(organizations__is_active=True).count()
