"""Pages of the system and the security administrator: people, their accounts and posts, locks and log-ins.

``ACTS`` says who may do what to a person; nobody does anything to the own account here. Only people of the
administrator's own district are found.
"""

from collections.abc import Callable
from dataclasses import dataclass

from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import access
from accounts.actions import SeparatedPostsError, WrongPostError, appoint, end_post
from accounts.demands import SECURITY, SYSTEM
from accounts.forms import AccountForm, HandOverForm, PostForm
from accounts.models import Post, Session, User
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from accounts.substitution import SubstitutionError, hand_over

SHOWN = 50


class UnknownUnitError(ValueError):
    """No organisation at work in the district has this code."""

    code = "unknown_unit"

    def __init__(self, code: str):
        super().__init__(_("No unit has the code %s. Choose one of the list.") % code)


@dataclass(frozen=True)
class Act:
    """Something one administrator may do to a person: ``run(request, person)`` returns what to say."""

    role: str
    run: Callable[[PersonRequest, User], str]


@require_safe
def people(request: PersonRequest) -> HttpResponse:
    """Found by name or user name; the locked ones first of all."""
    _authorise(request, SYSTEM, SECURITY)
    asked = request.GET.get("q", "").strip()
    found = _of_district(request).order_by("display_name", "username")
    if asked:
        found = found.filter(Q(username__icontains=asked) | Q(display_name__icontains=asked))
    rows = list(found.prefetch_related("posts__role", "posts__organization")[: SHOWN + 1])
    shown = {
        "q": asked,
        "people": rows[:SHOWN],
        "more": len(rows) > SHOWN,
        "locked": _locked(_of_district(request)),
        "now": timezone.now(),
        "may_create": scope_of(request.user).holds(SYSTEM),
    }
    return render(request, "accounts/people.html", shown)


@never_cache
@require_http_methods(["GET", "POST"])
def new_person(request: PersonRequest) -> HttpResponse:
    """Create an account; its first password is shown this once."""
    _authorise(request, SYSTEM)
    form = AccountForm(request.POST or None)
    if form.is_valid():
        person, password = access.create_account(
            **form.cleaned_data, by=request.user, district=request.user.district, request=request
        )
        return _show(request, person, password=password)
    return render(request, "accounts/new_person.html", {"form": form}, status=400 if form.is_bound else 200)


@require_safe
def person(request: PersonRequest, person_id: int) -> HttpResponse:
    _authorise(request, SYSTEM, SECURITY)
    return _show(request, get_object_or_404(_of_district(request), pk=person_id))


@never_cache
@require_POST
def act(request: PersonRequest, person_id: int, act: str) -> HttpResponse:
    """Do one of ``ACTS`` to a person."""
    if act not in ACTS:
        raise Http404
    _authorise(request, ACTS[act].role)
    whom = get_object_or_404(_of_district(request), pk=person_id)
    try:
        if whom.pk == request.user.pk:
            raise access.OwnAccountError
        told = ACTS[act].run(request, whom)
    except (
        access.OwnAccountError,
        SeparatedPostsError,
        SubstitutionError,
        UnknownUnitError,
        WrongPostError,
    ) as refusal:
        return _show(request, whom, refusal=refusal)
    if act == "give_password":
        return _show(request, whom, password=told)
    messages.success(request, told)
    return redirect("accounts:person", whom.pk)


def _begin_post(request: PersonRequest, whom: User) -> str:
    form = PostForm(request.POST, district=whom.district)
    if not form.is_valid():
        if unit := form.cleaned_data.get("organization"):
            raise WrongPostError(request.POST.get("role", ""), unit)
        raise UnknownUnitError(request.POST.get("organization", ""))
    asked = form.cleaned_data
    appoint(
        user=whom,
        role=asked["role"].pk,
        organization=asked["organization"],
        at=timezone.now(),
        by=request.user,
        request=request,
    )
    return _("The post begins now.")


def _end_post(request: PersonRequest, whom: User) -> str:
    number = request.POST.get("post", "")
    post = get_object_or_404(_held(whom), pk=number if number.isdecimal() else 0)
    end_post(post=post, at=max(timezone.now(), post.valid_from), by=request.user, request=request)
    return _("The post is ended.")


def _hand_over(request: PersonRequest, whom: User) -> str:
    """Posts, what is unread and the account itself, in one act."""
    form = HandOverForm(request.POST, leaver=whom)
    if not form.is_valid():
        raise SubstitutionError("not_available", gettext_lazy("Choose an active colleague by user name."))
    chosen = form.cleaned_data
    with transaction.atomic():
        done = hand_over(
            leaver=whom,
            to=chosen["to"],
            at=timezone.now(),
            by=request.user,
            with_posts=chosen["with_posts"],
        )
        access.open_or_close(user=whom, is_open=False, by=request.user, request=request)
    for unit in done.unmanned:
        messages.warning(request, _("Nobody is in post at %(unit)s now.") % {"unit": unit.name})
    words = _("%(person)s has left; %(successor)s takes over.")
    return words % {"person": whom, "successor": chosen["to"]}


def _give_password(request: PersonRequest, whom: User) -> str:
    return access.give_password(user=whom, by=request.user, request=request)


def _close(request: PersonRequest, whom: User) -> str:
    access.open_or_close(user=whom, is_open=False, by=request.user, request=request)
    return _("The account is closed.")


def _open(request: PersonRequest, whom: User) -> str:
    access.open_or_close(user=whom, is_open=True, by=request.user, request=request)
    return _("The account is open again.")


def _unlock(request: PersonRequest, whom: User) -> str:
    access.unlock(user=whom, by=request.user, request=request)
    return _("The person may try to log in again.")


def _end_sessions(request: PersonRequest, whom: User) -> str:
    access.end_sessions(user=whom, by=request.user, request=request)
    return _("The person is logged out everywhere.")


def _remove_second_step(request: PersonRequest, whom: User) -> str:
    access.remove_second_step(user=whom, by=request.user, request=request)
    return _("The second step is removed; the person sets up a new one.")


ACTS = {
    "begin_post": Act(SYSTEM, _begin_post),
    "end_post": Act(SYSTEM, _end_post),
    "hand_over": Act(SYSTEM, _hand_over),
    "give_password": Act(SYSTEM, _give_password),
    "close": Act(SYSTEM, _close),
    "open": Act(SYSTEM, _open),
    "unlock": Act(SECURITY, _unlock),
    "end_sessions": Act(SECURITY, _end_sessions),
    "remove_second_step": Act(SECURITY, _remove_second_step),
}


def _show(
    request: PersonRequest, whom: User, *, password: str = "", refusal: Exception | None = None
) -> HttpResponse:
    scope = scope_of(request.user)
    is_system, is_security = scope.holds(SYSTEM), scope.holds(SECURITY)
    shown = {
        "person": whom,
        "posts_held": _held(whom),
        "is_own": whom.pk == request.user.pk,
        "is_system": is_system,
        "is_security": is_security,
        "password": password,
        "refusal": refusal,
        "typed": request.POST if refusal else {},
    }
    if is_system:
        shown["form"] = PostForm(district=whom.district)
        shown["colleagues"] = _colleagues(whom)
    if is_security:
        shown |= {
            "sessions": Session.objects.open(at=timezone.now()).filter(user=whom).order_by("-seen_at"),
            "locked": _locked(User.objects.filter(pk=whom.pk)),
            "authenticators": TOTPDevice.objects.filter(user=whom, confirmed=True).count(),
            "passkeys": whom.passkeys.count(),
            "tokens": whom.api_tokens.valid(at=timezone.now()).order_by("-pk"),
        }
    return render(request, "accounts/person.html", shown, status=409 if refusal else 200)


def _authorise(request: PersonRequest, *roles: str) -> None:
    if not scope_of(request.user).holds(*roles):
        raise PermissionDenied


def _of_district(request: PersonRequest) -> QuerySet[User]:
    return User.objects.select_related("district").filter(district=request.user.district_id)


def _colleagues(whom: User) -> QuerySet[User]:
    """Who is likely to take over: those in post where the person is."""
    units = _held(whom).values("organization")
    here = Post.objects.valid_at(timezone.now()).filter(organization__in=units).values("user")
    return (
        User.objects.filter(pk__in=here, is_active=True).exclude(pk=whom.pk).order_by("display_name")[:SHOWN]
    )


def _held(whom: User) -> QuerySet[Post]:
    posts = Post.objects.filter(Q(valid_to=None) | Q(valid_to__gt=timezone.now()), user=whom)
    return posts.select_related("role", "organization", "user__district").order_by("pk")


def _locked(people: QuerySet[User]) -> list[AccessAttempt]:
    """The tries that lock a name now, newest first; each with ``person``."""
    since = timezone.now() - get_cool_off()
    attempts = list(
        AccessAttempt.objects.filter(
            failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__gt=since
        ).order_by("-attempt_time")[:SHOWN]
    )
    known = {each.username: each for each in people.filter(username__in=[row.username for row in attempts])}
    for attempt in attempts:
        attempt.person = known.get(attempt.username)
    return [attempt for attempt in attempts if attempt.person]
