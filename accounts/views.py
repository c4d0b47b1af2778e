"""Log in, log out, password, language, and the demo's one-click log-in."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, views
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import access, audit, demands, factors, sessions
from accounts import training as training_mode
from accounts.forms import LoginForm, NewPasswordForm
from accounts.models import Post, User

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
PERSON_COOKIE = "grid_person"
"""Whose browser this was last, for the app that opens without a network: a person's key, NOBODY after the log-out.
It opens nothing; the session does."""
NOBODY = "0"


@method_decorator(login_not_required, name="dispatch")
class LoginView(views.LoginView):
    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_template_names(self) -> list[str]:
        """On the way to the phone's app the log-in is as light as the app."""
        is_phone = self.get_redirect_url().startswith(reverse("phone:shell"))
        return ["phone/login.html"] if is_phone else [self.template_name]

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        return _welcome(response, cast(User, self.request.user))

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(demo_people=demo_people(), **kwargs)


@method_decorator(login_not_required, name="dispatch")
class LogoutView(views.LogoutView):
    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        _keep(response, PERSON_COOKIE, NOBODY)
        return response


class PasswordChangeView(views.PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("desks:home")

    def form_valid(self, form) -> HttpResponse:
        messages.success(self.request, _("Your password is changed."))
        user = cast(User, self.request.user)
        with transaction.atomic():
            audit.record(kind="password_changed", actor=user, subject=user.username, request=self.request)
            access.password_was_changed(user, keep=sessions.number_of(self.request))
            return super().form_valid(form)

    def get_context_data(self, **kwargs) -> dict:
        expired = demands.password_has_expired(cast(User, self.request.user), now=timezone.now())
        return super().get_context_data(is_expired=expired, **kwargs)


@login_not_required
@require_POST
def demo_login(request: HttpRequest, username: str) -> HttpResponse:
    """Log in as one of the demo's people without a password; does not exist outside the demo."""
    if not settings.DEMO_MODE:
        raise Http404
    person = get_object_or_404(User.objects.filter(is_demo=True, is_active=True), username=username)
    login(request, person, backend="accounts.backends.PostBackend")
    factors.forget(request.session)
    return _welcome(redirect(settings.LOGIN_REDIRECT_URL), person)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Speak this language from now on: the person's choice is kept, anybody's browser remembers it."""
    chosen = request.POST.get("language")
    if chosen not in LANGUAGES:
        raise Http404
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    # Not redirect(): it takes a word without a slash for the name of a view.
    return _remember(HttpResponseRedirect(back), chosen)


@require_POST
def training(request: HttpRequest) -> HttpResponse:
    """Begin with ``begin``, else end; then home, for the page one was on may show what is now out of sight."""
    user, now = cast(User, request.user), timezone.now()
    if request.POST.get("begin"):
        training_mode.begin(user=user, now=now)
        messages.info(
            request, _("Training has begun. What you report now counts nowhere and reaches nobody.")
        )
    else:
        training_mode.end(user=user)
        messages.info(request, _("Training has ended. From here on everything is real."))
    return redirect("desks:home")


def demo_people() -> list[dict]:
    """The demo's log-ins with their first post, in the order they were made; none outside the demo.

    Each is ``{person, role, organization}``. Two queries at most.
    """
    if not settings.DEMO_MODE:
        return []
    posts = (
        Post.objects.filter(user__is_demo=True, user__is_active=True)
        .valid_at(timezone.now())
        .select_related("user", "role", "organization")
        .order_by("role__position", "organization__code", "pk")
    )
    first = {}
    for post in posts:
        first.setdefault(
            post.user_id, {"person": post.user, "role": post.role, "organization": post.organization}
        )
    return list(first.values())


def _welcome(response: HttpResponse, person: User) -> HttpResponse:
    _keep(response, PERSON_COOKIE, str(person.pk))
    return _remember(response, person.language)


def _remember(response: HttpResponse, code: str) -> HttpResponse:
    """Put the language into the browser's cookie, which the pages read."""
    if code in LANGUAGES:
        translation.activate(code)
        _keep(response, settings.LANGUAGE_COOKIE_NAME, code)
    return response


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=365 * 24 * 3600, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
