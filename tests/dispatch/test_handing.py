"""An order handed to a person inside the organisation: who may, to whom, and that nobody's rights change."""

from dispatch.models import Assignment
from events.models import State
from tests.cast import CITY, POLICE, Cast, Story, story_at


def handed(story: Story, organization: str) -> str:
    row = Assignment.objects.get(event=story.id, organization__code=organization, ended_at=None)
    return row.handler.username if row.handler else ""


def test_the_lead_hands_its_order_to_one_of_its_people(cast: Cast):
    story = story_at(cast, State.HANDLING)
    version, clocks = story.event.version, story.running
    story.hand_to("police_head", handler=cast.police.pk)
    assert handed(story, POLICE) == cast.police.username and handed(story, CITY) == ""
    assert story.last.params == {"handler": cast.police.pk}
    assert (story.last.from_state, story.last.to_state) == (State.HANDLING, State.HANDLING)
    assert (story.event.version, story.running) == (version, clocks)
    story.feed_back("police_head")  # Whoever else is there may still act.
    assert story.event.state == State.FED_BACK


def test_an_assistant_hands_its_own_order_before_it_is_signed_too(cast: Cast):
    story = story_at(cast, State.DISPATCHED).hand_to("city", handler=cast.city.pk)
    assert (handed(story, CITY), handed(story, POLICE)) == (cast.city.username, "")


def test_it_is_refused_to_others_and_for_people_of_elsewhere(cast: Cast):
    story = story_at(cast, State.HANDLING)
    assert story.refused("hand_to", "police", handler=cast.city.pk) == "handler:invalid_choice"
    assert story.refused("hand_to", "police", handler="") == "handler:required"
    assert story.refused("hand_to", "director", handler=cast.police.pk) == "not_permitted"
    assert story.refused("hand_to", "fire", handler=cast.police.pk) == "not_found"
    story.feed_back()
    assert story.refused("hand_to", "police", handler=cast.police.pk) == "wrong_state"
    assert handed(story, POLICE) == ""
