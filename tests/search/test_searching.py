"""Searching through the pages: what is found by whom, what is marked, what is never found."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from dispatch.outbox import drain
from events.models import StepText
from grids import memory
from grids.place_book import save_places
from search.indexing import index_stale
from search.models import SearchDocument, SearchNumber
from tests.caller import EVENTS as API
from tests.caller import Caller
from tests.cast import FIRE, FIRE_LANE, GAMBLING, GRID, POLICE, SHOP_IN_ROAD, Story

EVENTS, HOME, BY_NUMBER = reverse("desks:events"), reverse("desks:home"), reverse("desks:by_number")
PHONE = "13912345678"


def found(browser, words, **more):
    return [row.pk for row in browser.get(EVENTS, {"q": words} | more).context["page"].rows]


@pytest.fixture
def shop(cast) -> Story:
    """Handled by the police, who wrote something; with a phone in the description."""
    story = Story(cast, SHOP_IN_ROAD, at=timezone.now())
    story.report(
        description=f"菜市场门口有流动摊贩，影响居民出行，电话{PHONE}。<script>alert(1)</script>",
        address="凯旋路12号3号楼",
    )
    story.route().accept().dispatch(lead=POLICE).sign()
    story.comment("police", text="已联系城管队员到场劝离")
    drain()
    return story


@pytest.fixture
def lane(cast) -> Story:
    story = Story(cast, FIRE_LANE, at=timezone.now()).report(
        description="消防通道被杂物堵塞", address="景芳路5号"
    )
    story.route()
    drain()
    return story


@pytest.mark.parametrize(
    ("words", "which"),
    [
        ("摊贩", "shop"),
        ("流动摊贩", "shop"),
        ("动摊", "shop"),
        ("菜市场 摊贩", "shop"),
        ("居民出行菜市场", "shop"),
        ("菜市场 消防", ""),
        ("摊", "shop"),
        ("路", "shop lane"),
        ("凯旋路", "shop"),
        ("3号楼", "shop"),
        ("2号楼", ""),
        ("劝离", "shop"),
        ("-摊贩 路", "lane"),
        ("“门口有流动”", "shop"),
        ("“流动门口”", ""),
        ("消防通道", "lane"),
        ("1391", ""),
        ("5678", ""),
        ("391234567", ""),
        (PHONE, ""),
        ("script", "shop"),
        ("。", ""),
        ("' | !('", ""),
        ("x" * 10_000, ""),
        ("摊" * 10_000, ""),
    ],
)
def test_words_and_fragments_are_found(enter, shop, lane, words, which):
    stories = {"shop": shop.id, "lane": lane.id}
    assert set(found(enter("director"), words)) == {stories[name] for name in which.split()}
    rows = enter("director").get(HOME, {"queue": "open", "q": words}).context["page"].rows
    assert {row.pk for row in rows} == {stories[name] for name in which.split()}


def test_numbers_of_events_are_found_by_their_beginning_and_their_end(enter, shop):
    number = shop.event.number
    for typed in (number, number[:16], number[:10], number[-5:]):
        assert shop.id in found(enter("director"), typed), typed


def test_words_are_marked_and_everything_else_is_escaped(enter, shop):
    page = enter("director").get(EVENTS, {"q": "摊贩 script"}).content.decode()
    assert "<mark>摊贩</mark>" in page and "&lt;<mark>script</mark>&gt;alert" in page
    assert "<script>alert" not in page and PHONE not in page


def test_a_hit_in_a_step_says_so(enter, shop):
    page = enter("director").get(EVENTS, {"q": "劝离"})
    assert "劝离" in page.context["page"].rows[0].found_in.text
    assert "<mark>劝离</mark>" in page.content.decode()


def test_the_best_stand_first_when_asked(cast, enter, shop):
    other = Story(cast, FIRE_LANE, at=timezone.now()).report(description="x").route()
    other.comment(text="也有摊贩")
    drain()
    assert found(enter("director"), "摊贩") == [other.id, shop.id]
    assert found(enter("director"), "摊贩", sort="best") == [shop.id, other.id]


@pytest.mark.parametrize("who", ["neighbour", "next_police", "next_worker", "fire"])
def test_outsiders_find_nothing_and_are_told_no_number(cast, enter, shop, who):
    for words in ("摊贩", "劝离", shop.event.number, "路"):
        page = enter(who).get(EVENTS, {"q": words})
        assert page.context["page"].rows == [] and "Nothing matches" in page.content.decode()
        assert Caller(getattr(cast, who)).get(API, q=words)[1]["results"] == []


def test_an_agency_finds_no_event_that_left_it_and_a_watcher_no_sensitive_one(cast, enter):
    left = Story(cast, SHOP_IN_ROAD, at=timezone.now()).report(description="麻将馆扰民").route().accept()
    left.dispatch(lead=FIRE).return_("fire", reason="not_our_duty", explanation="不属于消防职责")
    secret = Story(cast, GAMBLING, at=timezone.now()).report(description="麻将馆聚赌").route()
    drain()
    assert found(enter("fire"), "麻将馆") == found(enter("fire"), "消防职责") == []
    assert found(enter("colleague"), "麻将馆") == [left.id]
    assert set(found(enter("director"), "麻将馆")) == {left.id, secret.id}


# A person's number ----------------------------------------------------------------------------------


def test_a_phone_is_found_by_who_may_unmask_for_a_reason_and_it_is_written_down(enter, shop):
    browser = enter("director")
    page = browser.get(EVENTS, {"q": PHONE})
    assert page.context["page"].rows == [] and "looked for only among" in page.content.decode()
    assert browser.post(BY_NUMBER, {"number": PHONE, "reason": " "}).status_code == 400
    assert not AuditEntry.objects.filter(kind="number_search").exists()

    answer = browser.post(BY_NUMBER, {"number": "139 1234 5678", "reason": "回访"})
    assert [row.pk for row in answer.context["rows"]] == [shop.id]
    assert PHONE not in answer.content.decode() and "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(kind="number_search")
    assert entry.detail == {"reason": "回访", "number": ["139****5678"], "events": [shop.event.number]}


def test_who_may_not_unmask_gets_the_same_answer_whether_it_is_there_or_not(cast, enter, shop):
    assert enter("centre").post(BY_NUMBER, {"number": PHONE, "reason": "x"}).context["rows"] == []
    assert enter("supervisor").post(BY_NUMBER, {"number": PHONE, "reason": "x"}).status_code == 403
    for who in ("supervisor", "director"):
        pages = []
        for number in (PHONE, "13912345679"):
            with CaptureQueriesContext(connection) as asked:
                page = enter(who).get(EVENTS, {"q": number}).content.decode()
            pages.append(page.split('id="found"')[1].replace(number, "").split("csrfmiddlewaretoken")[0])
            assert "search_searchnumber" not in str(asked.captured_queries)
        assert pages[0] == pages[1]


def test_the_key_may_be_replaced(enter, shop, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of this service"
    enter_again = enter("director").post(BY_NUMBER, {"number": PHONE, "reason": "回访"})
    assert [row.pk for row in enter_again.context["rows"]] == [shop.id]


# What is kept ---------------------------------------------------------------------------------------


def test_erased_words_are_gone_at_once_and_the_rest_comes_back(enter, shop):
    step = shop.event.steps.get(verb="comment")
    StepText.objects.filter(step=step).update(content={}, salt="")
    assert found(enter("director"), "劝离") == []
    assert index_stale() == 1
    assert found(enter("director"), "劝离") == [] and found(enter("director"), "摊贩") == [shop.id]
    type(shop.event).objects.filter(pk=shop.id).update(description="")
    assert not SearchNumber.objects.filter(event=shop.id).exists()
    index_stale()
    assert found(enter("director"), "摊贩") == [] and not SearchNumber.objects.filter(event=shop.id).exists()


def test_a_rebuild_equals_the_projection(shop, lane):
    kept = list(SearchDocument.objects.order_by("pk").values_list("pk", "words", "stale"))
    numbers = set(SearchNumber.objects.values_list("event", "digest"))
    assert len(kept) == 2 and not any(stale for _pk, _words, stale in kept)
    SearchDocument.objects.update(stale=True, words="")
    assert index_stale() == 2 and index_stale() == 0
    assert list(SearchDocument.objects.order_by("pk").values_list("pk", "words", "stale")) == kept
    assert set(SearchNumber.objects.values_list("event", "digest")) == numbers


def test_a_search_costs_few_statements(enter, shop, lane):
    browser = enter("director")
    browser.get(EVENTS, {"q": "路"})
    for query in ({"q": "摊贩 劝离"}, {"q": "路", "sort": "best"}, {"q": "流动摊贩", "state": "handling"}):
        with CaptureQueriesContext(connection) as asked:
            browser.get(EVENTS, query)
        assert len(asked) <= 10, asked.captured_queries
    browser.get(reverse("desks:suggestions"), {"q": "斗殴"})  # reads the address book into memory
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(reverse("desks:suggestions"), {"q": "斗殴"})
    assert len(asked) <= 2 and [row for row in answer.json()["found"] if "10101" in row["url"]]


def a_place(code, kind, name, longitude):
    return {"code": code, "kind": kind, "name": name, "longitude": longitude, "latitude": 30.27, "area": GRID}


def test_a_place_is_suggested_by_name_pinyin_or_initials_and_filters_by_itself(cast, enter):
    memory.forget()
    estate, school = ("JTXQ", "estate", "嘉泰小区", 120.18), ("JTXX", "school", "嘉泰小学", 120.19)
    save_places(district=cast.district, rows=[a_place(*school), a_place(*estate)])
    here = Story(cast).report(longitude=120.1802, latitude=30.2701, area_code=GRID).route()
    Story(cast).report(longitude=120.2, latitude=30.28, area_code=GRID).route()
    browser, url = enter("acceptor"), reverse("desks:suggestions")
    browser.get(url)
    for typed in ("嘉泰小区", "jtxq", "jiataixiaoqu"):
        with CaptureQueriesContext(connection) as asked:
            [found] = browser.get(url, {"q": typed}).json()["found"]
        assert found["label"] == "嘉泰小区" and found["url"] == f"{EVENTS}?near=JTXQ"
    assert len(asked) <= 3
    assert [row.pk for row in browser.get(found["url"]).context["page"].rows] == [here.id]
    memory.forget()
