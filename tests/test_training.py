"""Training: a whole loop is practised alone, and nowhere does anything of it count or show."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import training
from accounts.scope import Scope
from dispatch import escalation, outbox
from dispatch.bulk import Target, move_each
from dispatch.models import Clock, DayCount, Outbox
from dispatch.report import report
from events.models import Event, State, Step
from events.steps import verify_chains
from exports.actions import ask
from exports.errors import InTrainingError
from exports.event_rows import EventRows
from exports.rows import Asked
from inbox.models import Notice
from operations import gauges
from supervision.cuts import CUTS
from supervision.facts import Period
from supervision.rates import count
from tests.caller import EVENTS, Caller
from tests.cast import DISTRICT, FIRE_LANE, KITCHEN, POLICE, Cast, Story, manifest, story_at
from webhooks.models import Delivery

LOOKERS = ["worker", "colleague", "director", "acceptor", "police", "centre", "supervisor", "auditor"]


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def trainee(cast):
    """The acceptor of the room practises."""
    training.begin(user=cast.acceptor, now=timezone.now())
    return cast.acceptor


def practised(cast, item=KITCHEN, by="acceptor") -> Story:
    """All of the loop, played by one person alone."""
    story = Story(cast, item, at=timezone.now()).report(by, description="Practised words")
    story.accept(by).dispatch(by, lead=POLICE).sign(by)
    story.urge(by, text="Practised words")
    story.do("feed_back", by, result="Practised words", evidence=story.evidence(by))
    return story.verify(by, note="Seen")


def everything(cast) -> dict:
    """Whatever counts or shows an event, to everybody who is not in training."""
    now = timezone.now()
    period = Period(now - timedelta(days=30), now + timedelta(days=30))
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM event_serial")
        serial = cursor.fetchone()[0]
    found = {
        "serial": serial,
        "tables": [model.objects.count() for model in (DayCount, Notice, Delivery, Outbox, Event)],
        "rates": {cut: count(cast.supervisor, cut, period) for cut in CUTS},
        "gauges": [
            [
                (sample.name, sample.labels, sample.value)
                for sample in metric.samples
                if "second" not in sample.name
            ]
            for source in (gauges.queues, gauges.unrouted, gauges.outbox)
            for metric in source(now)
        ],
        "of a webhook": Step.objects.visible_in(
            Scope(areas={"view_area_events": frozenset({DISTRICT})}), tenant=DISTRICT
        ).count(),
    }
    for name in LOOKERS:
        caller = Caller(getattr(cast, name))
        home = caller.client.get("/", follow=True).content.decode()
        found[name] = (
            caller.get(EVENTS)[1]["results"],
            caller.get(EVENTS, q="Practised")[1]["results"],
            caller.get(EVENTS, q="LX-")[1]["results"],
            caller.get("/api/v1/inbox/unread/"),
            EventRows(Asked("", False, now)).size(cast.actor(name)),
            "Practised" in home or "LX-" in home,
        )
    return found


def test_a_practised_loop_changes_nothing_that_counts_or_shows(cast):
    story_at(cast, State.CLOSED, at=timezone.now())
    outbox.drain()
    before = everything(cast)

    training.begin(user=cast.acceptor, now=timezone.now())
    story = practised(cast)
    split = Story(cast, KITCHEN, at=timezone.now()).report("acceptor", description="Practised words")
    split.split("acceptor", item=FIRE_LANE, description="Practised words")
    outbox.drain()
    escalation.tick(now=timezone.now() + timedelta(days=60))
    training.end(user=cast.acceptor)

    assert everything(cast) == before
    assert story.event.state == State.CLOSED and story.event.number.startswith("LX-")
    assert Event.with_training.filter(training=True).count() == 3
    assert not Clock.objects.filter(event__training=True).exclude(next_rung_at=None).exists()
    assert not list(verify_chains(DISTRICT))


def test_who_practises_sees_practice_and_nothing_real(cast, trainee):
    real = story_at(cast, State.REPORTED, at=timezone.now())
    story = Story(cast, KITCHEN, at=timezone.now()).report("acceptor", description="Practised words")
    me = Caller(trainee)
    assert [row["id"] for row in me.get(EVENTS)[1]["results"]] == [str(story.id)]
    assert me.get(f"{EVENTS}{real.id}/")[0] == 404
    assert me.move(real, "accept")[0] == 404
    page = me.client.get("/").content.decode()
    assert "in-training" in page and str(story.id) in page and str(real.id) not in page
    training.end(user=trainee)
    assert me.get(f"{EVENTS}{story.id}/")[0] == 404
    assert me.get(f"{EVENTS}{real.id}/")[0] == 200
    assert "in-training" not in me.client.get("/").content.decode()


def test_nobody_else_finds_a_training_event_by_its_key(cast, trainee):
    story = practised(cast)
    for name in ("director", "worker", "police", "centre", "supervisor", "auditor"):
        client = Client()
        client.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        assert client.get(reverse("desks:event", args=[story.id])).status_code == 404, name
        assert client.get(reverse("api:steps", args=[story.id])).status_code == 404, name
        (result,) = move_each(
            "comment",
            actor=cast.actor(name),
            targets=[Target(story.id)],
            now=timezone.now(),
            bulk_id=story.id,
            data={"text": "x"},
        )
        assert result.code == "not_found"


def test_whose_post_reports_nothing_may_practise_too(cast):
    training.begin(user=cast.verifier, now=timezone.now())
    client = Client()
    client.force_login(cast.verifier, backend="accounts.backends.PostBackend")
    assert client.get(reverse("desks:report")).status_code == 200
    assert practised(cast, by="verifier").event.state == State.CLOSED
    training.end(user=cast.verifier)
    assert client.get(reverse("desks:report")).status_code == 403


def test_colleagues_in_training_practise_together_each_in_their_part(cast, trainee):
    training.begin(user=cast.worker, now=timezone.now())
    story = Story(cast, KITCHEN, at=timezone.now()).report("worker")
    story.accept("acceptor")
    assert story.refused("dispatch", "acceptor", lead=POLICE) == "not_permitted"


def test_the_page_refuses_to_turn_a_real_report_into_practice(cast, trainee):
    body = {"id": "0197aaaa-0000-7000-8000-000000000001", "item": KITCHEN, "description": "x"}
    body |= {"area_code": DISTRICT, "photos": manifest("before_photo")}
    client = Client(headers={"X-Training": "0"})
    client.force_login(trainee, backend="accounts.backends.PostBackend")
    answer = client.post(EVENTS, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "training_changed")


def test_training_ends_by_itself_and_what_was_practised_goes_out_of_sight(cast, trainee):
    story = Story(cast, KITCHEN, at=timezone.now() - timedelta(days=31)).report("acceptor")
    assert not Event.objects.visible_to(trainee).filter(pk=story.id).exists()
    trainee.training_until = timezone.now() - timedelta(seconds=1)
    assert not trainee.in_training
    done = report(
        actor=cast.actor("acceptor"),
        event_id=Story(cast).id,
        data={"item": KITCHEN, "description": "x", "area_code": DISTRICT},
        now=timezone.now(),
    )
    assert not done.event.training and done.event.number.isdecimal()


def test_no_file_is_made_in_training(cast, trainee):
    with pytest.raises(InTrainingError):
        ask(user=trainee, kind="events", format="csv", query="", now=timezone.now())


def test_the_switch_is_a_button_and_survives_a_reload(cast):
    client = Client()
    client.force_login(cast.director, backend="accounts.backends.PostBackend")
    switch = reverse("accounts:training")
    assert client.get(switch).status_code == 405
    client.post(switch, {"begin": "1"})
    assert all("in-training" in client.get("/").content.decode() for _reload in range(2))
    client.post(switch)
    assert "in-training" not in client.get("/").content.decode()
