"""My API tokens: which programs act in my name, what each may do, until when; a new one, shown once."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import factors, tokens
from accounts.forms import TokenForm
from accounts.requests import PersonRequest


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_tokens(request: PersonRequest) -> HttpResponse:
    """POST: a new token; the page that answers is the only one that ever shows it."""
    form, secret, now = TokenForm(request.POST or None), "", timezone.now()
    if form.is_valid():
        passed = factors.is_passed(request.session)
        try:
            _token, secret = tokens.make(
                user=request.user, **form.cleaned_data, with_second_step=passed, now=now, request=request
            )
            form = TokenForm()
        except tokens.TooManyTokensError as error:
            form.add_error(None, str(error))
    shown = {
        "form": form,
        "secret": secret,
        "tokens": request.user.api_tokens.valid(at=now).order_by("-pk"),
    }
    return render(request, "accounts/own_tokens.html", shown, status=400 if form.errors else 200)


@require_POST
def revoke_token(request: PersonRequest) -> HttpResponse:
    """One of the person's own, by its number."""
    number = request.POST.get("token", "")
    if not number.isdecimal() or len(number) > 18:
        raise Http404
    ended = tokens.revoke(
        user=request.user, by=request.user, now=timezone.now(), number=int(number), request=request
    )
    if not ended:
        raise Http404
    messages.success(request, _("The token is revoked."))
    return redirect("accounts:own_tokens")
