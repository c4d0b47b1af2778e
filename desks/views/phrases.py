"""Phrases for the texts of moves: everybody keeps their own, a head the organisation's, the keeper of the rules the
district's."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import PersonRequest
from accounts.scope import scope_of
from desks.phrases_form import PhraseForm
from desks.rules_access import may_see
from dispatch.models import Phrase
from dispatch.phrases import kept_by, remove_phrase, save_phrase, seen_by, verbs_with_text


@require_http_methods(["GET", "HEAD", "POST"])
def phrases(request: PersonRequest) -> HttpResponse:
    """``phrase``: the key of one to change, else a new one; ``act=remove`` takes it away."""
    user, scope = request.user, scope_of(request.user)
    phrase = _one(request, request.POST.get("phrase") or request.GET.get("phrase"))
    if phrase and request.POST.get("act") == "remove":
        remove_phrase(phrase=phrase)
        messages.success(request, _("The phrase is offered no more."))
        return redirect("rules:phrases")
    form = PhraseForm(request.POST or None, user=user, scope=scope, phrase=phrase)
    if form.is_valid():
        save_phrase(phrase=form.written())
        messages.success(request, _("The phrase is saved."))
        return redirect("rules:phrases")
    kept = set(kept_by(user, scope).values_list("pk", flat=True))
    verbs = verbs_with_text()
    order = list(verbs)
    rows = [row for row in seen_by(user, scope).select_related("organization") if row.verb in verbs]
    rows.sort(key=lambda row: order.index(row.verb))
    context = {
        "form": form,
        "phrase": phrase,
        "groups": [
            (verbs[verb], [(row, row.pk in kept) for row in found])
            for verb, found in groupby(rows, key=lambda row: row.verb)
        ],
        "sees_the_rules": may_see(scope),
    }
    return render(request, "desks/rules/phrases.html", context, status=400 if form.errors else 200)


def _one(request: PersonRequest, key: str | None) -> Phrase | None:
    """One the person keeps. Raises Http404 for any other."""
    if not key:
        return None
    found = kept_by(request.user, scope_of(request.user)).filter(is_active=True)
    row = found.filter(pk=key).first() if key.isdecimal() and len(key) < 10 else None
    if row is None:
        raise Http404
    return row
