"""What a row of the audit log keeps besides, in words: of codes the names, of instants the local time.

A row keeps codes, so that it means the same for ever; a post and an organisation are named as they are called now. A
name or value that is not known here is shown as it is kept.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from accounts.audit import AuditEntry
from accounts.models import Organization, Role
from accounts.tokens import TokenScope
from grids.models import District

Words = Mapping[str, str | Promise]

NAMES: Words = {
    "all": gettext_lazy("all"),
    "approval": pgettext_lazy("audit", "needs approval"),
    "area": gettext_lazy("Area"),
    "category": gettext_lazy("Category"),
    "changed": pgettext_lazy("audit", "changed"),
    "complete": pgettext_lazy("audit", "what the file lacks is ended"),
    "ended": pgettext_lazy("audit", "ended"),
    "errors": pgettext_lazy("audit", "faults"),
    "events": gettext_lazy("events"),
    "first": gettext_lazy("from"),
    "format": gettext_lazy("File"),
    "from": gettext_lazy("from"),
    "from_day": gettext_lazy("Holds from"),
    "group": gettext_lazy("By"),
    "item": gettext_lazy("Item"),
    "kind": gettext_lazy("what"),
    "last": gettext_lazy("through"),
    "message": gettext_lazy("Message"),
    "mine": pgettext_lazy("audit", "only own reports"),
    "name": gettext_lazy("name"),
    "near": pgettext_lazy("audit", "near the place"),
    "new": pgettext_lazy("audit", "new"),
    "number": gettext_lazy("number"),
    "of": pgettext_lazy("audit", "asked for by"),
    "open": pgettext_lazy("audit", "only open"),
    "organization": gettext_lazy("organisation"),
    "period": gettext_lazy("Period"),
    "personal_rows": pgettext_lazy("audit", "rows of personal data"),
    "platform": gettext_lazy("Platform"),
    "q": pgettext_lazy("audit", "searched"),
    "queue": gettext_lazy("Queue"),
    "reason": gettext_lazy("reason"),
    "recoded": pgettext_lazy("audit", "codes changed"),
    "role": gettext_lazy("post"),
    "rows": pgettext_lazy("audit", "rows"),
    "scope": gettext_lazy("Area"),
    "scopes": pgettext_lazy("audit", "may"),
    "sessions": gettext_lazy("log-ins"),
    "sha256": pgettext_lazy("audit", "fingerprint"),
    "show": gettext_lazy("Indicators"),
    "since": gettext_lazy("from"),
    "source": gettext_lazy("Source"),
    "state": gettext_lazy("State"),
    "to": gettext_lazy("to"),
    "token": pgettext_lazy("audit", "token"),
    "tokens": pgettext_lazy("audit", "token"),
    "unchanged": pgettext_lazy("audit", "unchanged"),
    "unknown": gettext_lazy("unknown user name"),
    "until": gettext_lazy("until"),
    "urgency": gettext_lazy("Urgency"),
    "url": gettext_lazy("Receiver's address"),
    "verbs": gettext_lazy("Steps"),
    "warnings": pgettext_lazy("audit", "warnings"),
    "way": gettext_lazy("way"),
    "who": gettext_lazy("user name"),
    "why": gettext_lazy("reason"),
}
VALUES: Mapping[str, Words] = {
    "kind": {
        "events": gettext_lazy("Events"),
        "steps": gettext_lazy("Steps"),
        "rates": gettext_lazy("Table of rates"),
    },
    "format": {"xlsx": gettext_lazy("Excel"), "csv": gettext_lazy("CSV")},
    "way": {
        "passkey": gettext_lazy("passkey"),
        "totp": gettext_lazy("authenticator"),
        "recovery": gettext_lazy("recovery code"),
    },
    "why": {
        "gone": gettext_lazy("the receiver said it is gone (410)"),
        "failing": gettext_lazy("a day of failures"),
    },
    "scopes": {scope.value: scope.label for scope in TokenScope},
}


class AuditWords:
    """The names of a district's posts and organisations are read once, when the first row asks."""

    def __init__(self, district: District):
        self.district = district

    def details(self, entry: AuditEntry) -> list[tuple[str, str]]:
        """What, and its value; a yes stands by its name alone."""
        return [
            (str(NAMES.get(name, name)), self._value(name, value))
            for name, value in entry.detail.items()
            if value is not False
        ]

    def _value(self, name: str, value: Any) -> str:
        if isinstance(value, list):
            return pgettext("between words", ", ").join(self._value(name, part) for part in value)
        if value is True:
            return "✓"
        if name == "role":
            return self._roles.get(value, value)
        if name == "organization":
            return self._organizations.get(value, value)
        known = VALUES.get(name, {}).get(value)
        return str(known) if known else _moment(value)

    @cached_property
    def _roles(self) -> dict[str, str]:
        return {role.code: role.name for role in Role.objects.all()}

    @cached_property
    def _organizations(self) -> dict[str, str]:
        rows = Organization.objects.filter(district=self.district).only("code", "name_zh", "name_en")
        return {row.code: row.name for row in rows}


def _moment(value: Any) -> str:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if timezone.is_aware(at) else str(value)
