"""The inbox: what I was told; the unread number of the top bar; the ladder in words."""

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from dispatch import policy
from dispatch.models import Rung
from inbox import actions, queries
from inbox.ladder import in_words
from inbox.models import Notice
from inbox.unmanned import unmanned


@require_safe
def inbox(request: PersonRequest) -> HttpResponse:
    """Unread ones first: the rest is one tap away. At most 10 queries."""
    now = timezone.now()
    asked = {name: request.GET.get(name, "") for name in ("show", "about", "urgency")}
    page = queries.page_of(
        request.user,
        now=now,
        everything=asked["show"] == "all",
        own=asked["about"] == "own",
        critical=asked["urgency"] == "critical",
        after=request.GET.get("after", ""),
    )
    return render(request, "inbox/inbox.html", {"page": page, "asked": asked, "now": now})


@require_safe
def notice(request: PersonRequest, notice_id: int) -> HttpResponse:
    """To the event; the notice is read by following it."""
    try:
        found = actions.mark_read(user=request.user, notice_id=notice_id, now=timezone.now())
    except Notice.DoesNotExist:
        raise Http404 from None
    return redirect("desks:event", found.event_id)


@require_POST
def read(request: PersonRequest) -> HttpResponse:
    """One notice is read, or all that were there when the page was made."""
    now, key = timezone.now(), request.POST.get("notice", "")
    if key.isdecimal():
        try:
            actions.mark_read(user=request.user, notice_id=int(key), now=now)
        except Notice.DoesNotExist:
            raise Http404 from None
    else:
        actions.mark_all_read(
            user=request.user, until=_instant(request.POST.get("until", "")) or now, now=now
        )
    return redirect(f"{reverse('inbox:inbox')}?{request.GET.urlencode()}".rstrip("?"))


def _instant(text: str):
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at and at.tzinfo else None


@login_not_required
def unread(request: HttpRequest) -> HttpResponse:
    """The number for the top bar. Refused, not led to the log-in, after the session's end: the page that asks
    may hold words nobody has sent yet."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    count = queries.unread_count(request.user, now=timezone.now())
    return render(request, "inbox/_badge.html", {"count": count, "most": queries.MOST_COUNTED})


@require_safe
def ladder(request: PersonRequest) -> HttpResponse:
    """For the system administrator and the district centre: what the clocks do, and who is not there."""
    scope, district = scope_of(request.user), request.user.district
    if not (scope.holds("system_admin") or scope.units("rule_district")):
        raise PermissionDenied
    rungs = Rung.objects.filter(district=district)
    shown = {
        "rungs": [in_words(rung) for rung in rungs],
        "numbers": policy.of(district, at=timezone.now()),
        "unmanned": unmanned(district, at=timezone.now()),
    }
    return render(request, "inbox/ladder.html", shown)
