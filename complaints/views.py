"""The complaint box: everybody writes and reads their own; the system administrator reads all and answers."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.demands import SYSTEM
from accounts.device import device_of
from accounts.models import User
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from complaints import actions, queries
from complaints.errors import ComplaintError, NoSuchComplaintError, NotOpenError
from complaints.forms import AnswerForm, BoxForm, ComplaintForm
from complaints.models import Complaint
from desks.keyset import page_of


@require_http_methods(["GET", "POST"])
def mine(request: PersonRequest) -> HttpResponse:
    """Write one, and what became of those of before."""
    form, refusal, device = ComplaintForm(request.POST or None), None, device_of(request)
    if form.is_valid():
        content = {"key": form.cleaned_data["id"], "text": form.cleaned_data["text"], "app": device}
        try:
            actions.complain(author=request.user, now=timezone.now(), **content)
        except ComplaintError as error:
            refusal = error
        else:
            messages.success(request, _("Thank you. The answer will stand here."))
            return redirect("complaints:mine")
    rows = queries.own(request.user)
    shown = {
        "form": form,
        "key": uuid.uuid4(),
        "refusal": refusal,
        "device": device,
        "page": page_of(rows, order=queries.NEWEST_FIRST, after=request.GET.get("after", "")),
    }
    return render(request, "complaints/mine.html", shown, status=_status(form, refusal))


@require_POST
def close(request: PersonRequest, complaint_id: uuid.UUID) -> HttpResponse:
    try:
        actions.close(complaint_id=complaint_id, by=request.user)
    except NoSuchComplaintError:
        raise Http404 from None
    return redirect("complaints:mine")


@require_safe
def box(request: PersonRequest) -> HttpResponse:
    """All of the district, the open ones first; every state of the page is in its URL."""
    _authorise(request)
    form = BoxForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = queries.box(request.user, state=asked.get("state", ""), words=asked.get("q", ""))
    page = page_of(rows, order=queries.OPEN_FIRST, after=request.GET.get("after", ""))
    shown = {
        "form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "page": page,
        "complaints": [_worded(row, request.user) for row in page.rows],
    }
    return render(request, "complaints/box.html", shown)


@require_http_methods(["GET", "POST"])
def complaint(request: PersonRequest, complaint_id: uuid.UUID) -> HttpResponse:
    """One complaint. An answer is shown once more before it goes out, for it cannot be changed."""
    found = queries.box(request.user).filter(pk=complaint_id).first()
    if found is None:
        raise Http404
    _authorise(request)
    form, refusal = AnswerForm(request.POST or None), None
    if form.is_valid() and "sure" in request.POST:
        words = form.cleaned_data["answer"]
        try:
            actions.answer(complaint_id=found.pk, by=request.user, text=words, now=timezone.now())
        except NotOpenError as error:
            refusal, found = error, queries.box(request.user).get(pk=found.pk)
        else:
            messages.success(request, _("The answer is sent."))
            return redirect("complaints:box")
    shown = {
        "complaint": _worded(found, request.user),
        "form": form,
        "refusal": refusal,
        "to_confirm": form.is_valid() and "edit" not in request.POST and refusal is None,
    }
    return render(request, "complaints/complaint.html", shown, status=_status(form, refusal))


def _worded(row: Complaint, reader: User) -> Complaint:
    """With ``shown`` and ``shown_answer``, the words as this person may read them."""
    row.shown, row.shown_answer = row.words(reader), row.answer_words(reader)  # type: ignore[attr-defined]
    return row


def _status(form: Form, refusal: ComplaintError | None) -> int:
    if refusal:
        return refusal.status
    return 400 if form.is_bound and not form.is_valid() else 200


def _authorise(request: PersonRequest) -> None:
    if not scope_of(request.user).holds(SYSTEM):
        raise PermissionDenied
