"""The audit log as the audit administrator reads it, and as a file. Taking the file is told in the log."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.audit_words import AuditWords
from accounts.demands import AUDIT
from accounts.forms import AuditForm
from accounts.models import AuditEntry
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from grid_platform.spreadsheet import harmless

ROWS = 50


@dataclass
class Echo:
    """A file that gives back what is written to it: the csv module's line goes straight to the browser."""

    def write(self, line: str) -> str:
        return line


@require_safe
def audit_log(request: PersonRequest) -> HttpResponse:
    """The newest first; the next page begins below the last number shown. Four queries."""
    form = _form(request)
    rows = _rows(request, form)
    before = request.GET.get("before", "")
    if before.isdecimal():
        rows = rows.filter(pk__lt=before)
    entries = list(rows[: ROWS + 1])
    asked = request.GET.copy()
    if len(entries) > ROWS:
        asked["before"] = str(entries[ROWS - 1].pk)
    words = AuditWords(request.user.district)
    shown = {
        "form": form,
        "entries": [(entry, words.details(entry)) for entry in entries[:ROWS]],
        "older": asked.urlencode() if len(entries) > ROWS else "",
    }
    return render(request, "accounts/audit_log.html", shown, status=200 if form.is_valid() else 400)


@require_POST
def audit_export(request: PersonRequest) -> HttpResponse | StreamingHttpResponse:
    """All rows of the filters as CSV, in UTF-8 with a mark so that Excel reads it."""
    form = _form(request)
    rows = _rows(request, form)
    newest = rows.values_list("pk", flat=True).first() or 0
    chosen = {name: str(value) for name, value in form.cleaned_data.items() if value}
    audit.record(kind="export", actor=request.user, subject="audit_log", detail=chosen, request=request)
    response = StreamingHttpResponse(
        _lines(rows.filter(pk__lte=newest), AuditWords(request.user.district)),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localdate():%Y%m%d}.csv"'
    return response


def _form(request: PersonRequest) -> AuditForm:
    if not scope_of(request.user).holds(AUDIT):
        raise PermissionDenied
    form = AuditForm(request.GET if request.method == "GET" else request.POST)
    form.is_valid()
    return form


def _rows(request: PersonRequest, form: AuditForm) -> QuerySet[AuditEntry]:
    asked = form.cleaned_data
    rows = AuditEntry.objects.of_district(request.user.district).select_related("actor").order_by("-pk")
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("who"):
        rows = rows.about(asked["who"])
    return rows.filter(audit.between(asked.get("first"), asked.get("last")))


def _lines(rows: QuerySet[AuditEntry], words: AuditWords) -> Iterator[str]:
    writer = csv.writer(Echo())
    head = [_("Time"), _("What"), _("Person"), _("About"), _("Details"), _("Address"), _("Device")]
    yield "\ufeff" + writer.writerow(head)
    for entry in rows.iterator(chunk_size=500):
        at = timezone.localtime(entry.at)
        cells = [
            f"{at:%Y-%m-%d} {date_format(at, 'H:i:s')}",
            entry.words,
            entry.actor.username if entry.actor else "",
            entry.subject,
            "; ".join(f"{name}={value}" for name, value in words.details(entry)),
            entry.address or "",
            entry.device,
        ]
        yield writer.writerow([harmless(cell) for cell in cells])
