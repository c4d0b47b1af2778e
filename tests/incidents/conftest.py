import pytest
from django.test import Client

from incidents.actions import gather, open_incident
from incidents.models import Incident, Plan
from incidents.plans import load_plans
from tests.cast import MONDAY, Cast, Story


@pytest.fixture
def cast(db) -> Cast:
    cast = Cast()
    load_plans(district=cast.district)
    return cast


@pytest.fixture
def flood(cast) -> Incident:
    """The room's director opens an incident with the plan of a flood."""
    return opened(cast)


@pytest.fixture
def enter(cast):
    def logged_in(name: str) -> Client:
        browser = Client(headers={"accept-language": "en"})
        browser.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        return browser

    return logged_in


def opened(cast: Cast, by: str = "director", **more) -> Incident:
    given = {
        "name": "Flood on the east side",
        "plan": Plan.objects.in_force(at=MONDAY).get(code="flooding"),
        "response": 3,
        "summary": "",
        "now": MONDAY,
    } | more
    return open_incident(actor=cast.actor(by), **given)


def gathered(cast: Cast, incident: Incident, *stories: Story, by: str = "director") -> dict:
    """By story: the code of the refusal, empty when it joined."""
    results = gather(
        actor=cast.actor(by),
        incident_id=incident.pk,
        event_ids=[story.id for story in stories],
        reason="Same water",
        now=max(story.now for story in stories),
    )
    return {result.event_id: result.code for result in results}
