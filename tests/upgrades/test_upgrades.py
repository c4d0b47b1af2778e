"""From every release kept here to this one, with a district at work in it: nothing is lost and the loop goes on.

The files are made by ``tests.upgrades.keep``; each is named after its release's commit.
"""

import io
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from dispatch.models import Outbox
from dispatch.outbox import drain
from events.models import Event, State
from events.steps import verify_chains
from tests import servers
from tests.cast import DISTRICT, MONDAY, POLICE, SHOP_IN_ROAD, Cast, Story
from tests.upgrades.keep import FOLDER

RELEASES = sorted(path.name.removesuffix(".sql.xz") for path in FOLDER.glob("*.sql.xz"))
NOT_SQL = re.compile(r"^(\\.*|SET transaction_timeout.*)$", re.M)
"""psql's own lines, and a setting of PostgreSQL 17 and later."""
FACTS = {
    "steps": """SELECT event_id, sequence, verb, from_state, to_state, at, actor_id, post_id, organization_id,
                       params::text, text_digest, previous_hash, hash FROM events_step""",
    "texts": "SELECT step_id, salt, content::text FROM events_steptext",
    "deadlines": "SELECT event_id, kind, start, due FROM dispatch_clock WHERE ended_at IS NULL",
    "events": "SELECT id, number, state, desk_id, holder_id, lead_id, due, whole_due, closed_at FROM events_event",
    "posts": "SELECT * FROM (SELECT user_id, group_id FROM accounts_user_groups) AS membership",
    "area rights": """SELECT group_id, codename, content_object_id FROM accounts_areagrouppermission
                      JOIN auth_permission ON auth_permission.id = permission_id""",
    "unit rights": """SELECT group_id, codename, content_object_id FROM accounts_organizationgrouppermission
                      JOIN auth_permission ON auth_permission.id = permission_id""",
    "passwords": "SELECT username, password FROM accounts_user",
    "outbox": "SELECT step_id FROM dispatch_outbox WHERE parked_at IS NULL",
}


@dataclass
class Upgraded:
    """What was so before the migrations."""

    before: dict[str, set[tuple]]

    def now(self, name: str) -> set[tuple]:
        return facts(name)


def facts(name: str) -> set[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(FACTS[name])
        return set(cursor.fetchall())


@pytest.fixture(scope="module", params=RELEASES)
def upgraded(request, django_db_setup, django_db_blocker) -> Iterator[Upgraded]:
    """The release's tables, migrated twice and given this release's rules, as the runbook says."""
    with servers.empty() as name, django_db_blocker.unblock():
        sql = lzma.decompress((FOLDER / f"{request.param}.sql.xz").read_bytes()).decode()
        with servers._owner(name) as cursor:
            cursor.execute(NOT_SQL.sub("", sql))
        with servers.entered(name, "grid_owner"):
            before = {fact: facts(fact) for fact in FACTS}
            for _ in range(2):
                call_command("migrate", verbosity=0, skip_checks=True)
        with servers.entered(name, "grid_app"):
            for command in ("establish", "load_catalogue", "load_rules"):
                call_command(command, district=DISTRICT, stdout=io.StringIO())
            yield Upgraded(before)


def test_there_is_a_release_to_come_from():
    assert RELEASES


def test_what_happened_stays_as_it_was_and_the_chains_hold(upgraded):
    assert len(upgraded.before["steps"]) > 50
    for name in ("steps", "texts"):
        assert upgraded.now(name) == upgraded.before[name]
    assert not list(verify_chains(DISTRICT))


def test_every_deadline_every_state_and_every_follow_up_is_kept(upgraded):
    for name in ("deadlines", "events", "outbox"):
        assert upgraded.before[name] and upgraded.now(name) == upgraded.before[name]


def test_nobody_loses_a_right_or_a_password(upgraded):
    for name in ("posts", "area rights", "unit rights"):
        assert upgraded.before[name] and upgraded.before[name] <= upgraded.now(name)
    assert upgraded.now("passwords") == upgraded.before["passwords"]


def test_the_application_may_use_every_table_and_change_no_step(upgraded):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
               AND NOT has_table_privilege('grid_app', oid, 'SELECT')"""
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT has_table_privilege('grid_app', 'events_step', 'UPDATE, DELETE, TRUNCATE')")
        assert cursor.fetchone() == (False,)


def test_the_loop_goes_on_where_it_stood(upgraded):
    drain()
    assert not Outbox.objects.exists()
    assert not Event.objects.filter(desk=None).exists()
    cast = Cast()
    events = Event.objects.filter(item__code=SHOP_IN_ROAD, asks=[]).order_by("-number")
    at = {event.state: taken_up(cast, event) for event in events}
    at[State.REPORTED].accept()
    at[State.ACCEPTED].dispatch(lead=POLICE)
    at[State.DISPATCHED].sign()
    at[State.HANDLING].feed_back()
    at[State.FED_BACK].verify(note="Seen")
    at[State.CLOSED].reopen(reason="It is back")
    at[State.REJECTED].restore(reason="It was clear")
    if State.ON_HOLD in at:
        at[State.ON_HOLD].resume(note="The rain is over")
        assert at[State.ON_HOLD].event.state == State.HANDLING
    assert {state: at[state].event.state for state in at.keys() - {State.ON_HOLD, State.MERGED}} == {
        State.REPORTED: State.ACCEPTED,
        State.ACCEPTED: State.DISPATCHED,
        State.DISPATCHED: State.HANDLING,
        State.HANDLING: State.FED_BACK,
        State.FED_BACK: State.CLOSED,
        State.CLOSED: State.ACCEPTED,
        State.REJECTED: State.REPORTED,
    }
    Story(cast, at=MONDAY).report().route().accept()
    drain()
    assert not list(verify_chains(DISTRICT))


def taken_up(cast: Cast, event: Event) -> Story:
    story = Story(cast, event.item.code, at=MONDAY).wait(hours=1)
    story.id = event.pk
    return story


def test_people_find_their_desks(upgraded):
    def sees(name: str) -> int:
        return Event.objects.visible_to(User.objects.get(username=name)).count()

    assert sees("director") >= 12 and sees("worker") >= 12
    assert sees("police") >= 4
    assert sees("neighbour") == 0
