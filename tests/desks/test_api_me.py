"""What an application is told at its start: who one is, where, and within which limits."""

from django.test import Client
from django.utils import timezone

from accounts import training
from events.models import Evidence
from tests.caller import Caller
from tests.cast import GRID, TEAM, unit
from tests.desks.test_api_described import a_token
from tests.desks.test_query_counts import statements

ME = "/api/v1/me/"


def me(cast, name):
    return Caller(getattr(cast, name)).get(ME)[1]


def test_a_worker_is_told_all_that_the_phone_begins_with(cast):
    body = me(cast, "worker")
    assert (body["id"], body["username"], body["training"], body["may_report"]) == (
        cast.worker.pk,
        "worker",
        False,
        True,
    )
    (post,) = body["posts"]
    assert (post["role"], post["organization"], post["kind"], post["area"]) == (
        "grid_worker",
        unit(TEAM).pk,
        "team",
        GRID,
    )
    assert post["role_name"] == "网格员" and post["organization_name"]
    assert body["area"]["code"] == GRID and len(body["area"]["path"]) == 3
    assert body["self_close_areas"] == [GRID]
    assert body["limits"] == {"text": 2000, "address": 200, "photos": 9, "evidence_bytes": 15_000_000}
    assert [kind["value"] for kind in body["evidence_kinds"]] == Evidence.Kind.values
    assert all(kind["label"] for kind in body["evidence_kinds"]) and body["token"] is None


def test_others_are_told_what_they_may(cast):
    told = {name: me(cast, name) for name in ("acceptor", "police", "admin")}
    assert {name: body["may_report"] for name, body in told.items()} == {
        "acceptor": True,
        "police": False,
        "admin": False,
    }
    assert [body["self_close_areas"] for body in told.values()] == [[], [], []]
    assert all(body["area"]["path"] for body in told.values())


def test_in_training_anybody_reports_but_not_by_token(cast):
    training.begin(user=cast.police, now=timezone.now())
    assert (me(cast, "police")["training"], me(cast, "police")["may_report"]) == (True, True)
    program = Client(headers={"authorization": f"Bearer {a_token(cast.police)}"})
    assert program.get(ME).json()["training"] is False


def test_it_takes_two_statements(cast):
    caller = Caller(cast.worker)
    caller.get(ME)
    assert len(statements(caller.get, ME)) <= 2
