"""The inbox, the bell and the ladder as people see them, and a head's own people."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import scope
from accounts.models import Post, User
from dispatch import outbox
from events.models import State
from inbox import queries
from inbox.actions import forget_old
from inbox.models import Notice, ReadMark
from tests.cast import BRAWL, POLICE, Cast, Story, story_at, unit

INBOX, UNREAD, READ = (reverse(f"inbox:{name}") for name in ("inbox", "unread", "read"))
LADDER, UNIT = reverse("inbox:ladder"), reverse("accounts:own_unit")


@pytest.fixture
def cast(db):
    yield Cast()
    scope._cache.clear()


@pytest.fixture
def enter(cast):
    def enter_(name):
        browser = Client(headers={"Accept-Language": "en"})
        browser.cookies["django_language"] = "en"
        person = name if isinstance(name, User) else getattr(cast, name)
        browser.force_login(person, backend="accounts.backends.PostBackend")
        return browser

    return enter_


def reports(cast, number, item=BRAWL):
    stories = [Story(cast, item).report().route() for _ in range(number)]
    outbox.drain()
    return stories


def shown(answer):
    return [row.event_id for row in answer.context["page"].rows]


def test_the_bell_counts_what_is_unread_and_stops_at_ninety_nine(cast, enter, monkeypatch):
    browser = enter("acceptor")
    assert browser.get(UNREAD).content.strip() == b""
    reports(cast, 3)
    assert "3 unread" in browser.get(UNREAD).content.decode()
    monkeypatch.setattr(queries, "MOST_COUNTED", 2)
    assert "2+" in browser.get(UNREAD).content.decode()


def test_the_bell_of_a_page_left_open_leads_nobody_away_from_it(client):
    answer = client.get(UNREAD)
    assert (answer.status_code, answer.content) == (403, b"")


def test_the_bell_costs_the_page_nothing(cast, enter):
    reports(cast, 3)
    page = enter("acceptor").get(INBOX).content.decode()
    assert f'hx-get="{UNREAD}"' in page and "bell-count" not in page


def test_following_a_notice_leads_to_the_event_and_reads_it(cast, enter):
    (story,) = reports(cast, 1)
    browser = enter("acceptor")
    (notice,) = browser.get(INBOX).context["page"].rows
    answer = browser.get(reverse("inbox:notice", args=[notice.pk]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("desks:event", args=[story.id]))
    assert shown(browser.get(INBOX)) == []
    assert shown(browser.get(INBOX, {"show": "all"})) == [story.id]
    assert shown(enter("second_acceptor").get(INBOX)) == [story.id], "unread for a colleague"


def test_one_or_all_are_marked_as_read_and_the_filters_stay(cast, enter):
    reports(cast, 3)
    browser = enter("acceptor")
    page = browser.get(INBOX)
    first = page.context["page"].rows[0]
    answer = browser.post(f"{READ}?urgency=critical", {"notice": first.pk})
    assert answer["Location"] == f"{INBOX}?urgency=critical"
    assert len(shown(browser.get(INBOX))) == 2
    browser.post(READ, {"until": timezone.now().isoformat()})
    assert shown(browser.get(INBOX)) == []
    assert ReadMark.objects.filter(user=cast.acceptor).count() == 3
    assert len(shown(enter("second_acceptor").get(INBOX))) == 3


def test_nobody_marks_what_is_not_theirs(cast, enter):
    reports(cast, 1)
    notice = Notice.objects.filter(kind="acceptors").get()
    neighbour = enter("neighbour")
    assert neighbour.post(READ, {"notice": notice.pk}).status_code == 404
    assert neighbour.get(reverse("inbox:notice", args=[notice.pk])).status_code == 404
    assert not ReadMark.objects.exists()


def test_what_one_may_no_longer_see_is_gone_from_list_and_count(cast, enter):
    story = story_at(cast, State.DISPATCHED)
    outbox.drain()
    police = enter("police")
    assert shown(police.get(INBOX)) == [story.id] and "1 unread" in police.get(UNREAD).content.decode()
    story.recall(reason="Wrong agency")
    assert shown(police.get(INBOX, {"show": "all"})) == [] and police.get(UNREAD).content.strip() == b""


def test_the_filters_are_in_the_address(cast, enter):
    calm, critical = Story(cast).report("leader").route(), Story(cast, BRAWL).report().route()
    outbox.drain()
    calm.accept()
    outbox.drain()
    director = enter("director")
    assert set(shown(director.get(INBOX, {"show": "all"}))) == {calm.id, critical.id}
    assert shown(director.get(INBOX, {"urgency": "critical"})) == [critical.id]
    assert shown(director.get(INBOX, {"about": "own"})) == []
    assert shown(enter("leader").get(INBOX, {"about": "own"})) == [calm.id]


def test_a_long_inbox_has_pages_and_few_statements(cast, enter, monkeypatch):
    monkeypatch.setattr(queries, "SIZE", 4)
    stories = reports(cast, 10)
    browser = enter("acceptor")
    browser.get(INBOX)
    seen, after = [], ""
    for expected in (4, 4, 2):
        with CaptureQueriesContext(connection) as queried:
            answer = browser.get(INBOX, {"after": after})
        assert len(queried) <= 10
        assert len(shown(answer)) == expected
        seen += shown(answer)
        after = answer.context["page"].after
    assert after == "" and sorted(seen) == sorted(story.id for story in stories)
    assert shown(browser.get(INBOX, {"after": "nonsense_7"})) == seen[:4]


def test_old_notices_are_cleared_away_with_their_marks_and_new_ones_stay(cast, enter):
    reports(cast, 2)
    enter("acceptor").post(READ, {})
    Notice.objects.update(visible_from=timezone.now() - timedelta(days=31))
    Story(cast, at=timezone.now()).report().route()
    outbox.drain()
    assert forget_old(now=timezone.now()) == 4
    assert Notice.objects.count() == 1 and not ReadMark.objects.exists()


def test_the_ladder_is_shown_in_words_to_the_administrator_and_the_centre_alone(cast, enter):
    administrator = User.objects.get(posts__role="system_admin")
    for who in (administrator, "centre"):
        page = enter(who).get(LADDER).content.decode()
        assert "100 % of the limit" in page and "dispatched by the clock" in page
        assert "the head of the lead; the district centre" in page and "Between 22:00 and 7:00" in page
    for who in ("director", "worker", "police", "supervisor", "auditor"):
        assert enter(who).get(LADDER).status_code == 403


def test_the_ladder_names_where_nobody_is(cast, enter):
    story_at(cast, State.HANDLING)
    assert "Somebody is in post" in enter("centre").get(LADDER).content.decode()
    User.objects.filter(posts__organization=unit(POLICE)).update(is_active=False)
    page = enter("centre").get(LADDER).content.decode()
    assert unit(POLICE).name_en in page and "1 open event" in page


# A head's own people ----------------------------------------------------------------------------


def test_a_head_names_a_deputy_and_ends_it(cast, enter):
    director, today = enter("director"), timezone.localdate()
    away = Post.objects.get(user=cast.director)
    data = {"post": away.pk, "deputy": cast.verifier.pk, "first": today, "last": today + timedelta(days=2)}
    assert director.post(UNIT, data).status_code == 302
    made = Post.objects.get(deputy_for=away)
    assert (made.user, timezone.localtime(made.valid_to).date()) == (cast.verifier, today + timedelta(days=3))
    assert f"deputy for {cast.director}" in director.get(UNIT).content.decode()
    assert (
        f"deputy for {cast.director}"
        in enter(User.objects.get(pk=cast.verifier.pk)).get("/").content.decode()
    )
    director.post(reverse("accounts:end_deputy"), {"post": made.pk})
    made.refresh_from_db()
    assert made.valid_to <= timezone.now()


def test_a_head_has_no_say_over_others_and_others_have_none_at_all(cast, enter):
    today = timezone.localdate()
    foreign = Post.objects.get(user=cast.neighbour)
    data = {"post": foreign.pk, "deputy": cast.verifier.pk, "first": today, "last": today}
    assert enter("director").post(UNIT, data).status_code == 400
    for who in ("acceptor", "worker", "police", "auditor"):
        assert enter(who).get(UNIT).status_code == 403
        assert enter(who).post(reverse("accounts:end_deputy"), {"post": foreign.pk}).status_code == 403
    own = Post.objects.get(user=cast.director)
    assert enter("director").post(reverse("accounts:end_deputy"), {"post": own.pk}).status_code == 404
    wrong = {"post": own.pk, "deputy": cast.director.pk, "first": today, "last": today}
    answer = enter("director").post(UNIT, wrong)
    assert answer.status_code == 400 and "Choose somebody else" in answer.content.decode()
    assert not Post.objects.exclude(deputy_for=None).exists()
