"""Pages of the system administrator: choose a list, load it, look at what it would change, confirm."""

import base64
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.demands import SYSTEM
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from grid_platform.sheets.opening import FileRefusedError
from grid_platform.sheets.writing import CONTENT_TYPE
from imports import files
from imports.actions import Applied, DataChangedError, ListRefusedError, confirm, keep, preview, preview_of
from imports.difference import Asked, KindOfList, Preview, State
from imports.forms import UploadForm
from imports.kinds import KINDS
from imports.models import Upload
from imports.words import lines

LINES = 50
PROBLEMS = 200


@require_safe
def kinds(request: PersonRequest) -> HttpResponse:
    """The lists in the order a new district loads them, and those that wait for a confirmation."""
    _authorise(request)
    waiting = Upload.objects.waiting(at=timezone.now()).filter(by=request.user).defer("rows")
    shown = {"kinds": KINDS.values(), "waiting": [(each, KINDS[each.kind].title) for each in waiting]}
    return render(request, "imports/kinds.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def kind(request: PersonRequest, kind: str) -> HttpResponse:
    """The template, the list as it stands, and the file to load; a clean file waits for its confirmation."""
    chosen, now = _chosen(request, kind), timezone.now()
    form = UploadForm(request.POST or None, request.FILES or None, kind=chosen, now=now)
    shown: dict[str, Any] = {"kind": chosen, "form": form}
    if form.is_valid():
        given = form.cleaned_data
        try:
            found = preview(
                kind=kind,
                file=given["file"],
                district=request.user.district,
                by=request.user,
                from_day=given.get("from_day"),
                complete=given.get("complete", False),
                now=now,
            )
        except FileRefusedError as error:
            form.add_error("file", str(error))
        else:
            if found.is_clean:
                upload = keep(found, by=request.user, file_name=given["file"].name)
                for heading in found.unread:
                    messages.info(request, _("The column %(name)s is not read.") % {"name": heading})
                return redirect("imports:waiting", upload.pk)
            shown |= _problems(found)
    return render(request, "imports/kind.html", shown, status=400 if request.method == "POST" else 200)


@require_safe
def template(request: PersonRequest, kind: str) -> HttpResponse:
    chosen = _chosen(request, kind)
    return _file(files.template(chosen, request.user.district), f"{kind}-template")


@require_POST
def standing(request: PersonRequest, kind: str) -> HttpResponse:
    """The list as it stands; taking one with names is written down."""
    chosen, now = _chosen(request, kind), timezone.now()
    if chosen.is_personal:
        audit.record(kind="export", actor=request.user, subject=f"list_{kind}", request=request)
    asked = Asked(request.user.district, request.user, now, timezone.localdate(now))
    return _file(files.as_it_stands(chosen, asked), f"{kind}-{timezone.localdate(now):%Y%m%d}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: PersonRequest, upload_id: UUID) -> HttpResponse:
    """What a list would change by now; a POST does exactly what was seen."""
    _authorise(request)
    now = timezone.now()
    mine = Upload.objects.waiting(at=now).filter(by=request.user).select_related("district", "by")
    upload = get_object_or_404(mine, pk=upload_id)
    refusal = None
    if request.method == "POST":
        try:
            done = confirm(upload=upload, seen=request.POST.get("seen", ""), now=now, request=request)
            return _done(request, upload, done)
        except (DataChangedError, ListRefusedError) as error:
            refusal = error
    found = preview_of(upload, now=now)
    shown = {"upload": upload, "kind": found.kind, "preview": found, "refusal": refusal}
    shown |= _difference(request, found) if found.is_clean else _problems(found)
    return render(request, "imports/waiting.html", shown, status=409 if refusal else 200)


def _difference(request: PersonRequest, found: Preview) -> dict[str, Any]:
    state = request.GET.get("state", "")
    chosen = [
        change
        for change in found.changes
        if (change.state == state if state in State.values else change.state != State.UNCHANGED)
    ]
    page = Paginator(chosen, LINES).get_page(request.GET.get("page"))
    return {
        "state": state,
        "states": [(each, found.counts[each]) for each in State],
        "page": page,
        "lines": lines(found.kind, found.asked.district, page.object_list),
    }


def _problems(found: Preview) -> dict[str, Any]:
    """The first of them, and all as a file."""
    district = found.asked.district
    return {
        "problems": files.problem_rows(found.kind, district, found.problems[:PROBLEMS]),
        "problem_count": len(found.problems),
        "problem_file": _inline(files.report(found.kind, district, found.problems)),
    }


def _done(request: PersonRequest, upload: Upload, done: Applied) -> HttpResponse:
    """First passwords are shown this once, in the answer itself: nothing keeps them."""
    if not done.secrets:
        counts = [f"{State(state).label} {count}" for state, count in done.counts.items() if count]
        told = {"list": KINDS[upload.kind].title, "counts": pgettext("between words", ", ").join(counts)}
        messages.success(request, _("%(list)s: loaded. %(counts)s.") % told)
        return redirect("imports:kinds")
    shown = {"kind": KINDS[upload.kind], "done": done, "file": _inline(files.passwords(done.secrets))}
    return render(request, "imports/passwords.html", shown)


def _inline(content: bytes) -> str:
    return f"data:{CONTENT_TYPE};base64,{base64.b64encode(content).decode()}"


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _chosen(request: PersonRequest, kind: str) -> KindOfList:
    _authorise(request)
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


def _authorise(request: PersonRequest) -> None:
    if not scope_of(request.user).holds(SYSTEM):
        raise PermissionDenied
