"""Personal data shown whole: for a reason, which the audit log keeps; by page and API alike."""

from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import audit
from accounts.scope import Actor
from desks.privacy import Privacy
from events.models import Event

REASON_LIMIT = 200


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("What do you need it for?"), max_length=REASON_LIMIT)


@transaction.atomic
def unmasked(request: HttpRequest | Request, event: Event, reason: str) -> Privacy:
    """The event unmasked for this one answer. Whether the person may ask is the caller's to check."""
    audit.record(
        kind="unmask",
        actor=request.user,
        subject=event.number,
        detail={"reason": reason},
        request=request,
    )
    return Privacy(event, Actor.of(request.user), unmasked=True)  # type: ignore[arg-type]
