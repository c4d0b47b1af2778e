"""The keys of the desk, as data: the page's script and the overlay that teaches them read the same rows.

``do`` is what the script knows how to do; a queue's key comes after ``g``. No key works while somebody types, or with
Control, Alt or Command held.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desks.queues import Queue


@dataclass(frozen=True)
class Key:
    """``keys`` as the browser names them; ``shown`` where that is no good to read."""

    keys: tuple[str, ...]
    do: str
    label: str | Promise
    shown: tuple[str, ...] = ()

    @property
    def caps(self) -> tuple[str, ...]:
        return self.shown or self.keys

    @property
    def codes(self) -> str:
        return " ".join(self.keys)


@dataclass(frozen=True)
class KeyGroup:
    label: str | Promise
    keys: tuple[Key, ...]


IN_THE_LIST = KeyGroup(
    _("In the list"),
    (
        Key(("j", "ArrowDown"), "down", _("Next event"), ("j", "↓")),
        Key(("k", "ArrowUp"), "up", _("Previous event"), ("k", "↑")),
        Key(("Enter",), "open", _("Open the event beside the list")),
        Key(("Escape",), "back", _("Close it, back to the list"), ("Esc",)),
        Key(("x",), "select", _("Select for a move in bulk")),
        Key((), "", _("ticks everything from the last tick on"), ("Shift", "Space")),
        Key(("n",), "next_page", _("Next page")),
        Key(("p",), "first_page", _("First page")),
        Key(("z",), "fold", _("Fold or unfold the group")),
    ),
)
ON_THE_EVENT = KeyGroup(
    _("On the open event"),
    (
        Key(("a",), "first_action", _("First action, as shown")),
        Key(tuple("123456789"), "action", _("The actions in their order"), ("1", "…", "9")),
        Key(("b",), "compare", _("Compare with the likeliest duplicate")),
        Key((".",), "more_actions", _("All other actions")),
        Key(("w",), "whole", _("The event on a page of its own")),
    ),
)
AROUND = KeyGroup(
    _("Around"),
    (
        Key(("/",), "search", _("Search in the queue")),
        Key(("s",), "sort", _("Order, groups and columns")),
        Key(("v",), "views", _("Saved views")),
        Key(("m",), "map", _("Show or hide the map")),
        Key(("q",), "queues", _("Show or hide the queues")),
        Key(("[",), "pane_back", _("To the pane on the left")),
        Key(("]",), "pane_on", _("To the pane on the right")),
        Key(("r",), "refresh", _("Ask for the list now")),
        Key(("?",), "keys", _("These keys")),
    ),
)

QUEUE_KEYS = {
    "critical": "c", "to_accept": "a", "to_dispatch": "d", "to_sign": "s", "in_hand": "h", "to_verify": "v",
    "asked": "q", "holds": "y", "come_up": "u", "on_hold": "p", "holds_to_review": "r", "supervised": "b",
    "overdue": "o", "assigned": "f", "samples": "m", "open": "l", "due_today": "t", "assisting": "j",
    "fed_back": "k", "supervision": "b", "past": "e", "left": "x", "checks": "q", "verify": "v", "orders": "h",
    "mine": "i", "to_rate": "z", "transfers": "t", "to_name": "n", "handed_to_me": "m",
    "our_orders": "a", "rework": "w",
}  # fmt: skip
"""After ``g``; no two queues of one kind of organisation share a letter."""


def keys_of(queues: list[tuple[Queue, int | None]]) -> list[KeyGroup]:
    """All keys of a desk with these queues, in the overlay's order."""
    jumps = tuple(
        Key((f"g {QUEUE_KEYS[queue.name]}",), "queue", queue.label, ("g", QUEUE_KEYS[queue.name]))
        for queue, _count in queues
        if queue.name in QUEUE_KEYS
    )
    return [IN_THE_LIST, ON_THE_EVENT, AROUND, KeyGroup(_("To a queue"), jumps)]
