"""Keeps this release's tables with a district at work in them, for the test of the next release's migrations.

    python -m tests.upgrades.keep NAME      # the commit it is of

Run it in the release's own tree before its successor gets a migration, and commit the file: a clone without tags
has it too. Events stand in every state, some with follow-ups in the outbox, moved by the release's own actions.
"""

from tests import servers  # isort: skip  (first: it sets what Django's settings are read from)

import lzma
import os
import sys
from pathlib import Path

import django
from django.db import connections

django.setup()

from accounts.models import User  # noqa: E402
from dispatch import outbox  # noqa: E402
from operations import pg_programs  # noqa: E402
from tests.cast import FIRE_LANE, GAMBLING, POLICE, WAYS, Cast, Story, story_at  # noqa: E402

FOLDER = Path(__file__).parent


def tell() -> None:
    """A story in every state; then some that are asked about, and whose steps still wait in the outbox."""
    User.objects.update(password=User.objects.get(username="worker").password)  # one hash packs well
    cast = Cast()
    stories = {state: story_at(cast, state) for state in WAYS}
    Story(cast).report()
    outbox.drain()
    story_at(cast, "handling").request_hold().hold()
    story_at(cast, "reported").ask_check(question="Is it still there?")
    story_at(cast, "reported").merge()
    story_at(cast, "handling").request_extension(reason="Parts are late", amount=2)
    stories["handling"].comment(text="Please hurry")
    cleared = Story(cast, FIRE_LANE).report().route().wait(minutes=2)
    cleared.do("self_close", "worker", result="Cleared", evidence=cleared.evidence("worker"))
    Story(cast, GAMBLING).report().route().accept().dispatch(lead=POLICE).sign()
    story_at(cast, "dispatched").wait(minutes=5).return_(reason="not_our_duty", explanation="Not ours")
    story_at(cast, "fed_back").wait(minutes=5).rework(missing="Show the back door too")
    Story(cast).report()


def main(name: str) -> None:
    target = FOLDER / f"{name}.sql"
    with servers.clone() as database:
        os.environ |= servers.urls_of(database)
        connections.settings["default"]["NAME"] = database
        tell()
        pg_programs.run("pg_dump", "--inserts", "--rows-per-insert", "500", "--file", target)
        connections.close_all()
    target.with_suffix(".sql.xz").write_bytes(
        lzma.compress(target.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    )
    target.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
