"""The invented staff of the demo district: 2,700 grid staff, the desks and 726 people of the agencies.

The numbers are the district's own (field rules, section 1); the names are made, the same every time.
Only the people of LOGINS can log in.
"""

import random
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actions import appoint_many, enlist
from accounts.establish import CENTRE_CODE
from accounts.models import Organization, User
from grids.models import District

Kind = Organization.Kind
PASSWORD = "grid-demo-2018"
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文斌浩宇欣怡思雨子涵梓萱晨曦佳琪志远海燕晓东春燕雪婷鹏飞俊杰立新国庆永康慧玲淑珍"

GRID = "330104005001001"
COMMUNITY, STREET = GRID[:12], GRID[:9]
LOGINS = {
    "worker": ("grid_worker", f"TEAM@{GRID}", _("Grid worker: reports, checks results")),
    "leader": ("grid_leader", f"TEAM@{GRID}", _("Grid leader: confirms samples")),
    "community": ("community_acceptor", f"COMMUNITY@{COMMUNITY}", _("Community desk")),
    "director": (
        "room_director",
        f"{CENTRE_CODE}@{STREET}",
        _("Command room: director, every verb of the desk"),
    ),
    "acceptor": ("room_acceptor", f"{CENTRE_CODE}@{STREET}", _("Command room: acceptor")),
    "dispatcher": ("room_dispatcher", f"{CENTRE_CODE}@{STREET}", _("Command room: dispatcher")),
    "verifier": ("room_verifier", f"{CENTRE_CODE}@{STREET}", _("Command room: verifier")),
    "police": ("agency_handler", f"GAFJ@{STREET}", _("Agency: police station")),
    "fire": ("agency_handler", f"XFDD@{STREET}", _("Agency: fire and rescue station")),
    "city": ("agency_handler", f"CGJ@{STREET}", _("Agency: urban management squad")),
    "housing": ("department_liaison", "ZJJ", _("Department: housing and construction")),
    "centre": ("centre_duty", CENTRE_CODE, _("District centre: duty officer")),
    "supervisor": ("supervisor", CENTRE_CODE, _("District supervisor")),
    "system": ("system_admin", CENTRE_CODE, _("System administrator: accounts, posts, lists")),
    "security": ("security_admin", CENTRE_CODE, _("Security administrator: locks, log-ins, second step")),
    "audit": ("audit_admin", CENTRE_CODE, _("Audit administrator: who did what, and reads it alone")),
    "neighbour": ("room_director", f"{CENTRE_CODE}@330104006", _("Another street's command room")),
}


def load_people(*, district: District, at: datetime) -> int:
    """Everybody into their posts; returns how many people there are. Idempotent."""
    units = {
        unit.code: unit for unit in Organization.objects.filter(district=district).select_related("area")
    }
    password = make_password(PASSWORD) if settings.DEMO_MODE else None
    names = _names()
    rows: list[dict] = []
    posts = []
    waiting = {(role, unit): name for name, (role, unit, _words) in LOGINS.items()}
    for role, unit, number in _posts(units):
        login = waiting.pop((role, unit.code), None)
        username = login or f"{role}-{unit.code}-{number}".lower()[:60]
        rows.append({"username": username, "display_name": next(names), "phone": _phone(len(rows))})
        if login:
            rows[-1] |= {"is_demo": True, "password": password}
        posts.append((username, role, unit))
    people = enlist(district=district, rows=rows)
    appoint_many(rows=[(people[name], role, unit) for name, role, unit in posts], at=at)
    return len(people)


def logins() -> QuerySet[User]:
    return User.objects.filter(is_demo=True, is_active=True)


def _names() -> Iterator[str]:
    dice = random.Random(330104)
    while True:
        yield dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, dice.choice((1, 2, 2))))


def _phone(number: int) -> str:
    """Of a range that is not given out."""
    return f"100{number:08d}"


def _posts(units: dict[str, Organization]) -> Iterator[tuple[str, Organization, int]]:
    """(role, organisation, number): 615 leaders, 1,785 workers and 300 instructors make 2,700 grid staff."""
    teams = [unit for unit in units.values() if unit.kind == Kind.TEAM]
    communities = [unit for unit in units.values() if unit.kind == Kind.COMMUNITY]
    yield from (("grid_leader", team, 1) for team in teams)
    yield from (("grid_worker", teams[n % len(teams)], n // len(teams) + 1) for n in range(2085 - 300))
    yield from (
        ("grid_instructor", communities[n % len(communities)], n // len(communities) + 1) for n in range(300)
    )
    for community in communities:
        yield from (("community_acceptor", community, n) for n in (1, 2))
    for room in (unit for unit in units.values() if unit.kind == Kind.ROOM):
        for role, most in (
            ("room_director", 1),
            ("room_acceptor", 2),
            ("room_dispatcher", 2),
            ("room_supervisor", 1),
            ("room_verifier", 2),
        ):
            yield from ((role, room, n + 1) for n in range(most))
    agencies = [unit for unit in units.values() if unit.kind == Kind.AGENCY]
    yield from (("agency_head", agency, 1) for agency in agencies)
    left = 726 - len(agencies)
    yield from (("agency_handler", agencies[n % len(agencies)], n // len(agencies) + 1) for n in range(left))
    for department in (unit for unit in units.values() if unit.kind == Kind.DEPARTMENT):
        yield "department_liaison", department, 1
    centre = units[CENTRE_CODE]
    for role, most in (
        ("centre_duty", 3),
        ("centre_dispatcher", 4),
        ("supervisor", 2),
        ("system_admin", 1),
        ("security_admin", 1),
        ("audit_admin", 1),
    ):
        yield from ((role, centre, n + 1) for n in range(most))
