"""A phone or identity number among the events one may unmask; by POST, so that it stands in no address."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.requests import PersonRequest
from desks.listing import RELATED, load_clocks
from desks.number_search import looked_up, may_look_up
from desks.privacy import note_reading
from desks.unmasking import ReasonForm
from events.masking import mask_numbers
from search.asking import asked


@require_POST
@never_cache
def by_number(request: PersonRequest) -> HttpResponse:
    """What was found; without a reason the question again, 400."""
    if not may_look_up(request.user):
        raise PermissionDenied
    words = request.POST.get("number", "")
    wanted = asked(words, request.user.district)
    if not wanted.personal:
        return redirect("desks:events")
    form = ReasonForm(request.POST)
    shown = {"asked": wanted, "may_look_up": True, "form": form, "typed": words}
    if not form.is_valid():
        return render(request, "desks/by_number.html", shown, status=400)
    rows = looked_up(request, wanted.personal, form.cleaned_data["reason"], *RELATED)
    load_clocks(rows)
    note_reading(request, rows)
    shown |= {"rows": rows, "numbers": [mask_numbers(number) for number in wanted.personal]}
    return render(request, "desks/by_number.html", shown)
