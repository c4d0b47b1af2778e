"""What reports teach about the words of the items: words of several people, and nothing that is anybody's own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import training
from events.models import Event
from grids.models import District
from search.learning import LEAST_PEOPLE, MOST_WORDS, learn, weighed, words_of
from search.models import ItemWord
from search.tasks import learn_words
from tests.cast import GAMBLING, KITCHEN, SHOP_IN_ROAD, Story

PEOPLE = ["worker", "colleague", "leader"]


def told(cast, texts, item=SHOP_IN_ROAD, people=PEOPLE, **more):
    """The same words by each of some people."""
    at = timezone.now() - timedelta(days=1)
    return [Story(cast, item, at=at).report(by, description=texts, **more) for by in people]


def learnt(cast, item=SHOP_IN_ROAD) -> dict[str, float]:
    learn(district=cast.district, now=timezone.now())
    return dict(ItemWord.objects.filter(item_code=item).values_list("word", "weight"))


def test_words_of_three_people_are_learnt_and_those_of_two_are_not(cast):
    told(cast, "煎饼摊占了盲道")
    told(cast, "水果筐堆在路口", people=PEOPLE[: LEAST_PEOPLE - 1])
    told(cast, "水果筐堆在路口", people=PEOPLE[:1])
    told(cast, "厨房漏油", KITCHEN)
    words = learnt(cast)
    assert {"煎饼", "盲道"} <= set(words) and not {"水果", "路口", "漏油"} & set(words)
    assert all(0 < weight <= 1 for weight in words.values())
    assert "厨房" in learnt(cast, KITCHEN)


def test_what_many_items_share_says_nothing_and_what_is_said_more_often_says_more():
    reports = [(f"{item}", person, "请尽快处理垃圾") for item in range(20) for person in range(3)]
    reports += [("7", person, "煎饼摊又来了") for person in range(3)]
    reports += [("7", person, "豆浆洒了") for person in range(5)]
    found = weighed(reports)
    assert {item for item, words in found.items() if words} == {"7"}
    weights = dict(found["7"])
    assert not {"垃圾", "处理"} & set(weights) and weights["豆浆"] > weights["煎饼"]


def test_of_one_item_the_twenty_weightiest_are_kept():
    text = "煎饼豆浆油条馒头包子烧烤面条水饺米饭炒菜鸡蛋牛奶面包蛋糕苹果香蕉西瓜葡萄橘子桃子樱桃草莓芒果菠萝"
    (words,) = weighed([("7", person, text) for person in range(3)]).values()
    assert len(words) == MOST_WORDS
    assert [weight for _word, weight in words] == sorted((weight for _word, weight in words), reverse=True)


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("煎饼摊王建国电话13800001111", {"王建国", "13800001111", "138", "1111"}),
        ("煎饼摊在凯旋路上", {"凯旋路"}),
        ("煎饼摊３幢二单元，B12室，abc123", {"3", "b12", "abc123", "12", "abc"}),
        ("身份证33010419900101123X的煎饼摊主", {"330104", "123x"}),
        ("煎饼摊在北京", {"北京"}),
    ],
)
def test_no_number_no_letters_no_name_of_a_person_or_a_place(text, never):
    words = words_of(text)
    assert "煎饼" in words and not {word for word in words if any(part in word for part in never)}
    assert all(sign > "\u3000" for word in words for sign in word)


def test_sensitive_confidential_practised_and_void_reports_teach_nothing(cast):
    told(cast, "棋牌桌筹码", GAMBLING)
    told(cast, "煎饼摊", confidential=True)
    hidden = told(cast, "豆浆桶")
    Event.objects.filter(pk__in=[story.id for story in hidden]).update(sensitive=True)
    void = told(cast, "馒头笼")
    Event.objects.filter(pk__in=[story.id for story in void]).update(state="void")
    for name in PEOPLE:
        training.begin(user=getattr(cast, name), now=timezone.now())
    told(cast, "烧烤架")
    learn(district=cast.district, now=timezone.now())
    assert not ItemWord.objects.exists()


def test_what_is_erased_or_a_year_old_is_forgotten_by_the_next_night(cast):
    stories = told(cast, "煎饼摊占了盲道")
    assert "煎饼" in learnt(cast)
    Event.objects.filter(pk=stories[0].id).update(description="")
    assert learnt(cast) == {}
    Event.objects.filter(pk=stories[0].id).update(
        description="煎饼摊", recorded_at=timezone.now() - timedelta(days=366)
    )
    assert learnt(cast) == {}


def test_the_task_learns_for_every_district_apart_and_twice_the_same(cast):
    told(cast, "煎饼摊占了盲道")
    other = District.objects.create(code="330199", name_zh="别处", name_en="Elsewhere")
    ItemWord.objects.create(tenant=other.pk, item_code=SHOP_IN_ROAD, word="旧词", weight=1)
    assert learn_words() == learn_words() > 0
    assert not ItemWord.objects.filter(tenant=other.pk).exists()
    assert set(ItemWord.objects.values_list("tenant", flat=True)) == {cast.district.pk}
