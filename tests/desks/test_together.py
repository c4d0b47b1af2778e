"""What an open form hears of a colleague's move."""

from tests.cast import POLICE, Cast, Story
from tests.test_leaks import client_of


def test_the_form_hears_who_moved_the_event_and_whether_its_move_is_still_possible(db):
    cast = Cast()
    story = Story(cast).report().route().accept()
    version, dispatcher = story.event.version, client_of(cast.dispatcher)
    address = f"/events/{story.id}/moves/{{}}/since/?version={version}"
    assert dispatcher.get(address.format("dispatch")).status_code == 204
    story.dispatch("director", lead=POLICE)
    gone = dispatcher.get(address.format("dispatch"))
    assert gone["X-Move-Possible"] == "no" and gone["X-Event-Version"] == str(story.event.version)
    assert cast.director.display_name not in gone.content.decode()
    assert story.event.desk.name in gone.content.decode()
    assert dispatcher.get(address.format("comment"))["X-Move-Possible"] == "yes"
    assert client_of(cast.neighbour).get(address.format("comment")).status_code == 404
