"""Descriptions, addresses and words of steps that differ as people's do: common words often, names of places seldom.

Drawn from lists with weights that fall as ranks rise (Zipf); the same every time for the same seed.
"""

from itertools import accumulate
from random import Random

PLACES = (
    "菜市场门口 小区北门 地铁口 学校门前 公交站旁 河道边 停车场 垃圾房 楼道内 广场西侧 天桥下 工地围挡外 医院急诊楼 幼儿园 "
    "物业办公室 绿化带 人行道 自行车棚 消防通道 农贸市场 便利店 餐饮街 写字楼 老年活动室 社区服务站 桥洞 篮球场 快递驿站 充电桩"
).split()
MATTERS = (
    "流动摊贩占道经营 电动车乱停放 生活垃圾未分类 堆放杂物堵塞通道 井盖破损松动 路灯不亮 施工噪音扰民 油烟直排 污水外溢 "
    "树枝遮挡信号灯 违规张贴小广告 车辆违停 墙面渗水 高空抛物 飞线充电 邻里纠纷 宠物伤人 广告牌松动 围墙倾斜 燃气异味 "
    "电梯困人 欠薪讨要说法 黑车揽客 违章搭建阳光房 灭火器过期 河面漂浮死鱼 路面塌陷 噪声超标 共享单车堆积 无证行医"
).split()
ENDINGS = (
    "影响居民出行 请尽快处理 已多次反映 存在安全隐患 居民意见很大 希望派人查看 目前无人管理 早晚高峰尤其严重 "
    "已拍照留证 现场有人围观 老人险些摔倒 需要多部门联合整治"
).split()
DONE = (
    "已到现场核实 已联系当事人 已清理完毕 已张贴告知单 已劝离 已设置警示标志 约定明日复查 已通知物业整改 "
    "已转交养护单位 当事人承诺整改 已拍照存档 待备件到货后更换"
).split()
ROADS = [
    f"{one}{two}{kind}"
    for kind in ("路", "街", "巷")
    for one in "凯景秋庆机太平钱采艮笕彭九丁闸"
    for two in "旋芳涛春场和江荷山桥埠堡岔弄口"
]
SHOPS = [
    f"{one}{two}{kind}"
    for one in "老福兴永新"
    for two in "记源达盛客"
    for kind in ("面馆", "超市", "水果店", "理发店")
]


class Texts:
    """Draws one text after the other."""

    def __init__(self, seed: int = 1) -> None:
        self._dice = Random(seed)
        self._weights: dict[int, list[float]] = {}

    def _one(self, words: list[str]) -> str:
        weights = self._weights.setdefault(
            len(words), list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
        )
        return self._dice.choices(words, cum_weights=weights)[0]

    def address(self) -> str:
        dice = self._dice
        return f"{self._one(ROADS)}{dice.randint(1, 399)}号{dice.randint(1, 40)}幢"

    def description(self) -> str:
        dice = self._dice
        shop = f"{self._one(SHOPS)}旁，" if dice.random() < 0.3 else ""
        call = f"，联系电话1{dice.randint(3 * 10**9, 10**10 - 1)}" if dice.random() < 0.15 else ""
        told = "，".join(dice.sample(ENDINGS, dice.randint(1, 3)))
        return f"{self._one(ROADS)}{self._one(PLACES)}{shop}{self._one(MATTERS)}，{told}{call}。"

    def step(self) -> str:
        return "，".join(self._dice.sample(DONE, self._dice.randint(1, 3)))
