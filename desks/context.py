"""What every page shows: the person's posts, the places they may go, and whether this is the demo.

Costs no query: the scope is in memory and the person came with the session. Only the pages of administrators ask
what waits for them (``ALERTS``, ``MARKS``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.demands import AUDIT, SECURITY, SYSTEM
from accounts.models import User
from accounts.requests import PersonRequest
from accounts.scope import COMMAND_KINDS, Scope, scope_of
from desks.help import help_of, names_of
from desks.rules_access import may_change, may_see, may_see_plans
from grids.models import District
from webhooks.queries import troubled

ADMINISTRATION = (
    ((SYSTEM, SECURITY), _("People"), "accounts:people", "users"),
    ((SECURITY,), _("Approvals"), "exports:approvals", "file-check"),
    ((SYSTEM,), _("Areas"), "areas:areas", "map-2"),
    ((SYSTEM,), _("Lists from Excel"), "imports:kinds", "table-import"),
    ((SYSTEM,), _("Webhooks"), "webhooks:webhooks", "webhook"),
    ((SYSTEM,), _("Complaints"), "complaints:box", "mailbox"),
    ((AUDIT,), _("Audit log"), "accounts:audit_log", "file-search"),
)
"""Roles, label, page and icon of what the three administrators have beside the events."""
PLANS = ("incidents:plans", "incidents:plan", "incidents:new_plan", "incidents:change_plan")
"""Rules to their keeper, part of the incidents to everybody else."""
WHOLE = ("areas", "imports", "webhooks")
"""Parts of the site that belong to their entry with all their pages."""
ALERTS: dict[str, Callable[[District], str | Promise]] = {
    "webhooks:webhooks": lambda district: _("switched off") if troubled(district) else ""
}
"""What is to be marked on a page's entry, '' for nothing; applications above add theirs. One query each."""
MARKS: dict[str, Callable[[User], int]] = {}
"""By page how many things wait there for a person; applications above this one add theirs."""


@dataclass(frozen=True)
class Entry:
    """A place in the navigation; ``short`` is its word in the tab bar of a phone."""

    label: str | Promise
    short: str | Promise
    url: str
    icon: str
    current: bool = False
    is_report: bool = False
    alert: str | Promise = ""
    """What is wrong or waits there, for a mark on the entry."""
    waiting: int = 0
    """How many things wait there."""


def page(request: HttpRequest) -> dict:
    shown = {"demo_mode": settings.DEMO_MODE}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return shown
    scope = scope_of(user)
    here = request.resolver_match.view_name if request.resolver_match else ""
    return shown | {
        "live_url": settings.LIVE_URL,
        "posts": scope.posts,
        "help": help_of(here),
        "help_terms": names_of(help_of(here).terms),
        "nav": entries(cast(PersonRequest, request), scope),
        "heads_a_unit": bool(scope.units("head_org")),
        "sees_rules": may_see(scope),
        "sees_plans": may_see_plans(scope),
        "sees_ladder": scope.holds("system_admin") or bool(scope.units("rule_district")),
    }


def entries(request: PersonRequest, scope: Scope) -> list[Entry]:
    """Where this person may go, in the order of the navigation."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    mine = here == "desks:events" and "mine" in request.GET

    found = [Entry(_("Home"), _("Home"), reverse("desks:home"), "home", here == "desks:home")]
    if may_report(scope) or request.user.in_training:
        found.append(
            Entry(
                _("Report"),
                _("Report"),
                reverse("desks:report"),
                "circle-plus",
                here == "desks:report",
                is_report=True,
            )
        )
        found.append(
            Entry(_("My reports"), _("Mine"), reverse("desks:events") + "?mine=true", "clipboard-list", mine)
        )
    found.append(
        Entry(
            _("Events"), _("Events"), reverse("desks:events"), "search", here == "desks:events" and not mine
        )
    )
    if scope.codes("supervise_area") or _commands(scope):
        found.append(
            Entry(
                _("Incidents"),
                _("Incidents"),
                reverse("incidents:incidents"),
                "urgent",
                here.startswith("incidents:") and not (may_change(scope) and here in PLANS),
            )
        )
    if scope.units("rule_district"):
        found.append(
            Entry(
                _("Centre"),
                _("Centre"),
                reverse("desks:centre"),
                "layout-dashboard",
                here in ("desks:centre", "desks:letters"),
            )
        )
    if scope.codes("supervise_area"):
        found.append(
            Entry(
                _("Supervision"),
                _("Rates"),
                reverse("supervision:rates"),
                "chart-bar",
                here.startswith("supervision:"),
            )
        )
    if may_change(scope):
        is_here = here.startswith("rules:") or here in PLANS
        found.append(Entry(_("Rules"), _("Rules"), reverse("rules:calendar"), "adjustments", is_here))
    for roles, label, name, icon in ADMINISTRATION:
        if scope.holds(*roles):
            part = name.partition(":")[0]
            is_here = here == name or (part in WHOLE and here.startswith(f"{part}:"))
            alert = ALERTS[name](request.user.district) if name in ALERTS else ""
            waiting = MARKS[name](request.user) if name in MARKS else 0
            found.append(Entry(label, label, reverse(name), icon, is_here, alert=alert, waiting=waiting))
    return found


def _commands(scope: Scope) -> bool:
    """Works in a command room or centre, whose incidents agencies and other desks meet on a member's page."""
    return any(
        post.organization_kind in COMMAND_KINDS and "view_org_events" in post.permissions
        for post in scope.posts
    )


def may_report(scope: Scope) -> bool:
    return bool(scope.codes("report_in_area") or scope.units("report_for_org"))
