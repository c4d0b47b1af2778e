"""What an open form hears of a colleague's move."""

import uuid

from tests.cast import POLICE, Cast, Story, unit
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


def test_a_form_whose_own_reply_was_lost_hears_of_no_colleague(db):
    cast = Cast()
    story = Story(cast).report().route().accept()
    request_id, version = uuid.uuid4(), story.event.version
    dispatcher, director = client_of(cast.dispatcher), client_of(cast.director)
    address = f"/events/{story.id}/moves/dispatch/since/?version={version}&request_id="
    sent = {"lead": unit(POLICE).pk, "version": version, "request_id": request_id}
    dispatcher.post(f"/events/{story.id}/moves/dispatch/", sent)
    assert story.event.steps.filter(request_id=request_id).count() == 1
    assert dispatcher.get(f"{address}{request_id}").status_code == 204
    assert dispatcher.get(f"{address}{uuid.uuid4()}").status_code == 200
    assert director.get(f"{address}{request_id}").status_code == 200
