"""Saved views: one's own and the organisation's; each is an address and nothing more."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from desks.models import SavedView
from desks.saved_views import KEPT_FOR, save_view
from tests.cast import POLICE, ROOM, unit

HOME, SAVE = reverse("desks:home"), reverse("desks:save_view")


def act(view: SavedView, verb: str) -> str:
    return reverse("desks:view_act", args=[view.pk, verb])


def names(browser) -> list[str]:
    return [view.name for view in browser.get(HOME, {"queue": "open"}).context["views"]]


@pytest.fixture
def make(cast):
    def make_(who="director", name="Late", *, shared=False, query="queue=overdue", org=ROOM) -> SavedView:
        user = getattr(cast, who)
        return save_view(
            user=user, unit=unit(org).pk, name=name, query=query, shared=shared, now=timezone.now()
        )

    return make_


def test_a_view_keeps_the_state_and_neither_page_nor_event(cast, enter):
    query = "queue=open&sort=oldest&group=item&box=120,30,121,31&after=abc&open=x&post=9&evil=1"
    answer = enter("director").post(SAVE, {"name": " Old ones ", "query": query})

    view = SavedView.objects.get()
    assert (view.name, view.owner, view.organization.code) == ("Old ones", cast.director, ROOM)
    assert view.query == "queue=open&sort=oldest&group=item&box=120,30,121,31"
    assert answer.status_code == 302 and answer["Location"].startswith("/?queue=open&sort=oldest&group=item")


def test_a_shared_view_is_seen_by_the_organisation_and_by_nobody_else(enter, make):
    make(name="Mine")
    make(name="Ours", shared=True)

    assert names(enter("director")) == ["Mine", "Ours"]
    assert names(enter("acceptor")) == ["Ours"]
    for who in ("neighbour", "police", "community", "centre"):
        assert names(enter(who)) == []


def test_who_may_change_a_view(enter, make):
    mine, ours, heads = make(), make("acceptor", "Ours", shared=True), make("acceptor", "Own")
    acceptor, director, dispatcher = enter("acceptor"), enter("director"), enter("dispatcher")

    for view, browser, told in [
        (mine, acceptor, 404),  # personal: it is not there
        (ours, dispatcher, 403),  # seen, and another's
        (heads, director, 404),
        (ours, director, 302),  # the head of the organisation
        (ours, enter("neighbour"), 404),
        (mine, director, 302),
    ]:
        assert browser.post(act(view, "rename"), {"name": "Renamed"}).status_code == told
    assert SavedView.objects.filter(name="Renamed").count() == 2
    assert director.post(act(mine, "explode")).status_code == 404
    assert director.get(act(mine, "delete")).status_code == 405


def test_a_deleted_view_is_taken_back(enter, make):
    view, browser = make(), enter("director")

    page = browser.post(act(view, "delete"), {"query": "queue=open"}, follow=True)
    assert names(browser) == []
    assert act(view, "restore") in page.content.decode()

    browser.post(act(view, "restore"))
    assert names(browser) == ["Late"]


def test_a_deleted_view_goes_for_good_after_a_day(make):
    view = make()
    SavedView.objects.update(deleted_at=timezone.now() - KEPT_FOR - timedelta(minutes=1))

    make(name="Another")

    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_the_desk_opens_with_the_view_one_chose(enter, make):
    view, browser = make("acceptor", "Ours", shared=True, query="queue=open&sort=oldest"), enter("director")

    browser.post(act(view, "start"))

    assert browser.get(HOME)["Location"] == "/?queue=open&sort=oldest"
    assert enter("acceptor").get(HOME).status_code == 200, "each for themselves"
    browser.post(act(view, "start"))
    assert browser.get(HOME).status_code == 200


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "Late"])
def test_a_name_that_cannot_be_is_refused_in_words(enter, make, name):
    make()
    page = enter("director").post(SAVE, {"name": name, "query": "queue=open"}, follow=True)

    assert SavedView.objects.count() == 1
    assert "notice-error" in page.content.decode()


def test_nobody_keeps_more_than_thirty(enter, make):
    for number in range(30):
        make(name=str(number))
    enter("director").post(SAVE, {"name": "One more", "query": "queue=open"})

    assert SavedView.objects.count() == 30


def test_who_has_no_desk_saves_nothing(enter):
    assert enter("auditor").post(SAVE, {"name": "x", "query": "queue=open"}).status_code == 403


def test_an_agency_has_its_own_views(enter, make):
    make("police", "Today", org=POLICE, query="queue=due_today")

    assert names(enter("police")) == ["Today"]
