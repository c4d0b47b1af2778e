"""What a hint says, by the kind of its notices: how many matters wait, never which, where or whose.

It passes through the browser vendor's push service, sealed for the browser; what one sees is asked when one looks.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import ngettext

from dispatch.recipients import Recipient as To


@dataclass(frozen=True)
class Topic:
    """``url``: where the app leads; ``words``: the title for a number of events."""

    kinds: tuple[str, ...]
    url: str
    words: Callable[[int], str]


TOPICS: dict[str, Topic] = {
    "check": Topic(
        (To.CHECKERS,),
        "/m/#/tasks",
        lambda n: ngettext("%(n)d matter waits for your check", "%(n)d matters wait for your check", n),
    ),
    "sample": Topic(
        (To.SAMPLER,),
        "/m/#/tasks",
        lambda n: ngettext("%(n)d sample waits for you", "%(n)d samples wait for you", n),
    ),
    "order": Topic(
        (To.LEAD, To.ASSISTANTS),
        "/m/#/tasks",
        lambda n: ngettext("News of %(n)d order", "News of %(n)d orders", n),
    ),
    "held": Topic(
        (To.HOLDER, To.HEAD),
        "/m/#/tasks",
        lambda n: ngettext("A reminder of %(n)d matter in hand", "A reminder of %(n)d matters in hand", n),
    ),
    "report": Topic(
        (To.REPORTER, To.WATCHERS),
        "/m/#/inbox",
        lambda n: ngettext("News of %(n)d report of yours", "News of %(n)d reports of yours", n),
    ),
    "desk": Topic(
        (
            To.DESK, To.ACCEPTORS, To.DISPATCHERS, To.VERIFIERS, To.FORMER_DESK, To.ASKED_DESK, To.CENTRE,
            To.SUPERVISORS,
        ),
        "/m/#/inbox",
        lambda n: ngettext("%(n)d matter concerns your desk", "%(n)d matters concern your desk", n),
    ),
}  # fmt: skip
"""By the code that a hint carries as its tag: a newer one takes the place of the one that is shown."""
TOPIC_OF = {kind: code for code, topic in TOPICS.items() for kind in topic.kinds}


def title(topic: str, number: int) -> str:
    """In the language that is active."""
    return TOPICS[topic].words(number) % {"n": number}
