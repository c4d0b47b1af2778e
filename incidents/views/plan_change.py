"""The keeper of the rules changes a plan: another version from a day on, a new plan, or an end."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Organization
from accounts.requests import PersonRequest
from desks.rules_access import for_keepers
from incidents.models import Plan
from incidents.plan_form import MOST_TASKS, PlanForm
from incidents.plans import PlanCodeTakenError, retire_plan, save_plan


@require_http_methods(["GET", "HEAD", "POST"])
@for_keepers
def change(request: PersonRequest, code: str) -> HttpResponse:
    """A new plan, or another version of one, written on from its last. A POST with ``act`` arranges the rows only."""
    now, district = timezone.now(), request.user.district
    known = Plan.objects.filter(district=district, code=code).first() if code else None
    if code and known is None:
        raise Http404
    form = PlanForm(
        request.POST if request.method == "POST" else None, district=district, now=now, plan=known
    )
    if form.is_sent and form.is_valid():
        given = form.head.cleaned_data
        try:
            saved = save_plan(
                district=district,
                code=code or given["code"],
                content=form.content,
                by=request.user,
                valid_from=given["valid_from"],
                now=now,
                is_new=not code,
            )
        except PlanCodeTakenError as error:
            form.head.add_error("code", str(error.message))
        else:
            words = (
                _("The new version is saved.") if saved else _("Nothing was changed: the plan is so already.")
            )
            messages.success(request, words)
            return redirect("incidents:plan", code or given["code"])
    shown = {
        "form": form,
        "plan": known,
        "units": Organization.objects.active().filter(district=district).of_kind(*NAMED).order_by("code"),
        "most": MOST_TASKS,
    }
    return render(request, "incidents/plan_change.html", shown, status=400 if form.is_sent else 200)


NAMED = (Organization.Kind.CENTRE, Organization.Kind.ROOM, Organization.Kind.DEPARTMENT)
"""Kinds of organisation the page offers by name; others are named by their code."""


@require_POST
@for_keepers
def retire(request: PersonRequest, code: str) -> HttpResponse:
    """The plan is offered no more from now on."""
    district = request.user.district
    if not Plan.objects.filter(district=district, code=code).exists():
        raise Http404
    ended = retire_plan(district=district, code=code, by=request.user, now=timezone.now())
    messages.success(request, _("The plan is retired.") if ended else _("It holds no more already."))
    return redirect("incidents:plan", code)
