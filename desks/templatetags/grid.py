"""What many pages show alike: states, clocks, urgency, places, people's units, times."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Organization
from accounts.scope import Actor, HeldPost
from desks import clock_words, places
from desks.clock_face import item_limit_words
from desks.privacy import Privacy
from dispatch.models import Clock
from events.models import Event, Item, State, Urgency

register = template.Library()
Kind = Organization.Kind

STATE_ICONS = {
    State.REPORTED: "inbox",
    State.ACCEPTED: "send",
    State.DISPATCHED: "signature",
    State.HANDLING: "tools",
    State.FED_BACK: "eye-check",
    State.CLOSED: "circle-check",
    State.ON_HOLD: "player-pause",
    State.REJECTED: "circle-x",
    State.MERGED: "git-merge",
    State.VOID: "ban",
}


KIND_ICONS = {
    Kind.CENTRE: "building-broadcast-tower",
    Kind.ROOM: "device-desktop",
    Kind.COMMUNITY: "home-heart",
    Kind.TEAM: "walk",
    Kind.DEPARTMENT: "building-bank",
    Kind.AGENCY: "shield",
}


@register.filter
def kind_icon(kind: str) -> str:
    """The icon of an organisation's kind."""
    return KIND_ICONS[Kind(kind)]


@register.simple_tag
def state_badge(state: str) -> SafeString:
    return format_html(
        '<span class="state state-{}"><i class="ti ti-{}" aria-hidden="true"></i>{}</span>',
        state,
        STATE_ICONS[State(state)],
        State(state).label,
    )


@register.simple_tag
def urgency_mark(urgency: str) -> SafeString:
    """Nothing for a normal event."""
    if urgency == Urgency.NORMAL:
        return SafeString("")
    icon = "urgent" if urgency == Urgency.CRITICAL else "bolt"
    return format_html(
        '<span class="urgency urgency-{}"><i class="ti ti-{}" aria-hidden="true"></i>{}</span>',
        urgency,
        icon,
        Urgency(urgency).label,
    )


@register.simple_tag(takes_context=True)
def clock_chip(context: template.Context, event: Event) -> SafeString:
    """The nearest deadline of an event; nothing when no clock runs."""
    return _chip(clock_words.of_event(event, context["user"].district, now=timezone.now()))


@register.simple_tag(takes_context=True)
def due_chip(context: template.Context, clock: Clock) -> SafeString:
    """The deadline of one running clock."""
    return _chip(clock_words.of_clock(clock, context["user"].district, now=timezone.now()))


def _chip(chip: clock_words.Chip) -> SafeString:
    if chip.due is None:
        return SafeString("")
    icon = {"green": "clock", "yellow": "clock-exclamation", "red": "alarm"}[chip.tone]
    return format_html(
        '<span class="clock clock-{}" title="{}"><i class="ti ti-{}" aria-hidden="true"></i>{}</span>',
        chip.tone,
        _("due %(time)s") % {"time": moment(chip.due)},
        icon,
        chip.words,
    )


@register.simple_tag(takes_context=True)
def place(context: template.Context, code: str) -> str:
    """The name of the area with this code."""
    return places.name_of(context["user"].district, code)


@register.simple_tag(takes_context=True)
def words(context: template.Context, event: Event, text: str) -> str:
    """Free text of an event as this reader may see it."""
    return Privacy(event, Actor.of(context["user"])).words(text)


@register.filter
def item_limit(item: Item) -> str:
    """How long the lead of an item has, in words."""
    return item_limit_words(item.handle_limit, item.limit_unit)


@register.filter
def moment(at: datetime | None) -> str:
    """Day and time in Asia/Shanghai; the year only when it is not this one."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    this_year = local.year == timezone.localtime().year
    if (get_language() or "").startswith("en"):
        return date_format(local, "j M H:i" if this_year else "j M Y H:i")
    return date_format(local, "n月j日 H:i" if this_year else "Y年n月j日 H:i")


@register.filter
def weekday_moment(at: datetime) -> str:
    """``moment`` with the short weekday: 'Fri 30 Nov 17:30', '11月30日 周五 17:30'."""
    local = timezone.localtime(at)
    year = "" if local.year == timezone.localtime().year else "Y"
    if (get_language() or "").startswith("en"):
        return date_format(local, f"D j M {year} H:i".replace("  ", " "))
    weekday = "一二三四五六日"[local.weekday()]
    return date_format(local, f"{year and 'Y年'}n月j日 周{weekday} H:i")


@register.filter
def day(at: datetime) -> str:
    """The day in Asia/Shanghai with its weekday."""
    english = (get_language() or "").startswith("en")
    return date_format(timezone.localtime(at), "l j F Y" if english else "Y年n月j日 l")


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **changes: str) -> str:
    """The page's own query string with changes; an empty value takes the name away."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"


@register.filter
def unit_name(post: HeldPost) -> str:
    return _named(post.name_zh, post.name_en)


@register.filter
def role_name(post: HeldPost) -> str:
    return _named(post.role_name_zh, post.role_name_en)


def _named(chinese: str, english: str) -> str:
    return (english if (get_language() or "").startswith("en") else "") or chinese
