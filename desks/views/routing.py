"""The rules of routing: the list in order, one rule, a key period, and where an event would go."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Organization
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.clock_face import item_limit_words
from desks.routing_form import PeriodForm, RuleForm, TryForm
from desks.rule_words import WHAT, RuleWords
from desks.rules_access import for_readers, may_change
from desks.timeline import Words
from dispatch import routing_rules
from dispatch.models import KeyPeriod, RoutingRule, RuleChange
from dispatch.routing import NoDeskError, choose_desk, propose
from dispatch.routing_rules import in_force, in_order, is_over, shadowed_by
from events.models import Level
from grids.models import District

ROWS = 30


@dataclass(frozen=True)
class Row:
    rule: RoutingRule
    conditions: list[str]
    effects: list[tuple[Any, str]]
    in_force: bool
    shadowed_by: RoutingRule | None
    is_over: bool


@dataclass(frozen=True)
class Told:
    change: RuleChange
    what: Any
    lines: list[str] = field(default_factory=list)


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def routing(request: PersonRequest) -> HttpResponse:
    """The rules in order; a POST moves or retires one."""
    now, district = timezone.now(), request.user.district
    if request.method == "POST":
        return _act(request, district, now)
    rules = in_order(district, at=now)
    words = RuleWords(district)
    history = Paginator(_changes(district), ROWS).get_page(request.GET.get("page"))
    told = RuleWords(district, history.object_list)
    numbers = list(dict.fromkeys(rule.number for rule in rules))
    context = {
        "may_change": may_change(scope_of(request.user)),
        "rows": [
            Row(
                rule,
                words.conditions(rule),
                words.effects(rule),
                in_force(rule, now),
                shadowed_by(rule, rules, at=now),
                is_over(rule, at=now),
            )
            for rule in rules
        ],
        "first": numbers[0] if numbers else None,
        "last": numbers[-1] if numbers else None,
        "periods": KeyPeriod.objects.filter(district=district),
        "today": timezone.localdate(now),
        "history": history,
        "told": [Told(change, WHAT[change.what], told.change(change)) for change in history],
    }
    return render(request, "desks/rules/routing.html", context)


def _changes(district: District) -> QuerySet[RuleChange]:
    return RuleChange.objects.filter(district=district).select_related("changed_by")


def _act(request: PersonRequest, district: District, now: datetime) -> HttpResponse:
    number, act = _number(request.POST.get("number")), request.POST.get("act")
    if number is None:
        raise Http404
    try:
        if act == "retire":
            routing_rules.retire_rule(
                district=district, number=number, by=request.user, valid_to=now, now=now
            )
            messages.success(request, _("Rule %(number)s holds no more.") % {"number": number})
        elif act in ("up", "down"):
            routing_rules.move_rule(
                district=district, number=number, up=act == "up", by=request.user, now=now
            )
        else:
            raise Http404
    except (RoutingRule.DoesNotExist, ValueError):
        raise Http404 from None
    return redirect("rules:routing")


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def rule(request: PersonRequest) -> HttpResponse:
    """A new rule, or another version of the one named by ``number``."""
    now, district = timezone.now(), request.user.district
    known = _known_rule(request, district)
    form = RuleForm(request.POST or None, district=district, now=now, rule=known)
    if form.is_valid():
        saved = routing_rules.save_rule(
            district=district,
            number=known.number if known else None,
            content=form.cleaned_data,
            by=request.user,
            valid_from=form.cleaned_data["valid_from"],
            now=now,
        )
        messages.success(request, _("Rule %(number)s is saved.") % {"number": saved.number})
        return redirect("rules:routing")
    units = Organization.objects.active().filter(district=district)
    context = {
        "form": form,
        "rule": known,
        "may_change": may_change(scope_of(request.user)),
        "desks": units.of_kind(Organization.Kind.CENTRE, Organization.Kind.ROOM).order_by("code"),
        "leads": units.of_kind(Organization.Kind.DEPARTMENT).order_by("code"),
    }
    return render(request, "desks/rules/rule.html", context, status=400 if form.errors else 200)


def _known_rule(request: PersonRequest, district: District) -> RoutingRule | None:
    if "number" not in request.GET:
        return None
    rules = RoutingRule.objects.filter(district=district, valid_to=None).select_related(
        "desk", "lead", "period"
    )
    found = rules.filter(number=_number(request.GET["number"]) or 0).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@for_readers
def period(request: PersonRequest) -> HttpResponse:
    """A new key period, or other days for the one named by ``id``."""
    now, district = timezone.now(), request.user.district
    known = None
    if "id" in request.GET:
        known = KeyPeriod.objects.filter(district=district, pk=_number(request.GET["id"]) or 0).first()
        if known is None:
            raise Http404
    form = PeriodForm(request.POST or None, district=district, period=known)
    if known and not form.is_bound:
        form.initial = {name: getattr(known, name) for name in ("name", "first", "last")}
    if form.is_valid():
        routing_rules.save_period(
            district=district, period=known, content=form.cleaned_data, by=request.user, now=now
        )
        messages.success(request, _("The key period is saved."))
        return redirect("rules:routing")
    context = {"form": form, "period": known, "may_change": may_change(scope_of(request.user))}
    return render(request, "desks/rules/period.html", context, status=400 if form.errors else 200)


@require_safe
@for_readers
def dry_run(request: PersonRequest) -> HttpResponse:
    """Where an event would go, and why; nothing is written. The question is in the URL."""
    now, district = timezone.now(), request.user.district
    form = TryForm(request.GET if request.GET.get("item") else None, district=district, now=now)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        context |= _answer(form, district)
    return render(request, "desks/rules/try.html", context, status=400 if form.errors else 200)


def _answer(form: TryForm, district: District) -> dict[str, Any]:
    event, at = form.event(), form.cleaned_data["at"]
    try:
        route = choose_desk(event, district=district, at=at)
    except NoDeskError:
        return {"no_desk": True}
    event.desk, event.level = route.desk, route.level
    proposal = propose(event, district=district, at=at)
    reasons = [*route.reasons, *proposal.reasons]
    words = Words(
        district, (), {reason[name] for reason in reasons for name in ("desk", "lead") if name in reason}
    )
    return {
        "event": event,
        "at": at,
        "route": route,
        "level": Level(route.level).label,
        "why_desk": words.why(route.reasons),
        "proposal": proposal,
        "why_lead": words.why(proposal.reasons),
        "limit": item_limit_words(proposal.amount or event.item.handle_limit, event.item.limit_unit),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
