"""People and their posts: a row for each post, or one without a post for the account alone.

The system administrator's list (``accounts.demands``): it begins and ends posts and makes accounts, each with a
first password that is told once; it opens no locks and closes no accounts. Nobody loads the own account.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.access import change_account, create_accounts
from accounts.actions import appoint_many, end_post, move_end
from accounts.demands import ADMINISTRATORS
from accounts.models import Organization, Post, Role, User
from grid_platform.sheets.columns import Column, Kind
from grid_platform.sheets.problems import Problem
from grid_platform.sheets.reading import Row
from grids.models import District
from imports.difference import Asked, Change, Key, KindOfList, State, Values
from imports.kinds.days import begins, ends_after, first_day, last_day

_name_of = lazy(lambda role: role.name, str)
"""A role's name in the language of the moment, so that a file of the other language is read too."""


class People(KindOfList):
    code = "people"
    title = _("People and posts")
    about = _(
        "Accounts with their posts, one row for each post. New accounts get a first password, which is shown once "
        "and must be changed at the first log-in."
    )
    key = ("username", "role", "organization")
    is_dated = True
    is_personal = True

    def columns(self, district: District) -> tuple[Column, ...]:
        roles = tuple((role.pk, _name_of(role)) for role in Role.objects.all())
        return (
            Column("username", _("User name"), _("Small letters, figures and . _ - @"), Kind.CODE, required=True,
                   longest=60, form=r"[a-z0-9][a-z0-9._@-]*", example="wang.li"),
            Column("display_name", _("Name"), _("The person's name, as others see it."), required=True, longest=60,
                   example="王丽"),
            Column("phone", _("Phone"), _("Empty: stays as it is."), Kind.CODE, keeps=True, longest=20,
                   form=r"\+?[0-9][0-9-]{4,18}", example="13800000000"),
            Column("organization", _("Organisation code"), _("Where the post is; empty for an account without a post."),
                   Kind.CODE, longest=40, example="ZHZX@330104005"),
            Column("role", _("Role"), _("What the post is; the kind of organisation must have it."), Kind.CHOICE,
                   choices=roles, example="room_acceptor"),
            Column("first_day", _("First day"), _("From when the post holds; empty: the day the list holds from."),
                   Kind.DAY, keeps=True, example="2018-07-01"),
            Column("last_day", _("Last day"), _("Until when the post holds, this day included; empty: without an end."),
                   Kind.DAY, example="2018-12-31"),
        )  # fmt: skip

    def current(self, asked: Asked) -> dict[Key, Values]:
        people = User.objects.filter(district=asked.district).order_by("username")
        found: dict[Key, Values] = {
            (name, "", ""): {"username": name, "display_name": shown, "phone": phone or None}
            for name, shown, phone in people.values_list("username", "display_name", "phone")
        }
        for post in (
            _held(asked).select_related("user", "organization").order_by("user__username", "valid_from")
        ):
            person = found.get((post.user.username, "", ""), {})
            key = (post.user.username, post.role_id, post.organization.code)
            found[key] = person | {
                "role": post.role_id,
                "organization": post.organization.code,
                "first_day": first_day(post.valid_from),
                "last_day": last_day(post.valid_to),
            }
        return found

    def rows_now(self, asked: Asked) -> list[Values]:
        """Without the phones, which an empty cell leaves as they are; who has a post needs no row without one."""
        rows = self.current(asked)
        posted = {key[0] for key in rows if key[1]}
        return [values | {"phone": None} for key, values in rows.items() if key[1] or key[0] not in posted]

    def check(self, rows: Sequence[Row], current: Mapping[Key, Values], asked: Asked) -> Iterator[Problem]:
        known = _Known(asked, rows)
        first: dict[tuple[str, str], Row] = {}
        for row in rows:
            said, old = row.values, current.get(self.key_of(row.values))
            if said["username"] in known.elsewhere:
                yield Problem("username_taken", row.number, "username", said["username"])
            account = current.get((said["username"], "", ""))
            if old is None and account and account["display_name"] != said["display_name"]:
                who = {"name": account["display_name"]}
                yield Problem("other_name", row.number, "display_name", said["display_name"], who)
            if asked.by and said["username"] == asked.by.username and (old is None or _differs(said, old)):
                yield Problem("own_account", row.number, "username", said["username"])
            for name in ("display_name", "phone"):
                if said.get(name):
                    other = first.setdefault((said["username"], name), row)
                    if other.values[name] != said[name]:
                        params = {"other": other.number, "value": other.values[name]}
                        yield Problem("contradiction", row.number, name, said[name], params)
            yield from _post_problems(row, old, known)
            if known.administrates_twice(said["username"], said.get("role")):
                yield Problem("separated_posts", row.number, "role", said["role"])

    def ends(self, fields: Mapping[str, tuple]) -> bool:
        return "last_day" in fields and fields["last_day"][0] is None

    def may_end(self, key: Key, values: Values, asked: Asked) -> bool:
        """A list that lacks an administrator, or who brings it, must not lock everybody out."""
        own = asked.by is not None and key[0] == asked.by.username
        return bool(key[1]) and key[1] not in ADMINISTRATORS and not own

    def is_over(self, values: Values, asked: Asked) -> bool:
        return bool(values.get("last_day")) and values["last_day"] < timezone.localdate(asked.now).isoformat()

    def write(self, changes: Sequence[Change], asked: Asked) -> list[tuple[str, ...]]:
        done = [change for change in changes if change.state != State.UNCHANGED]
        secrets = _write_accounts(done, asked)
        names = {change.values["username"] for change in done}
        people = {user.username: user for user in User.objects.filter(username__in=names)}
        units = {unit.code: unit for unit in Organization.objects.filter(district=asked.district)}
        _begin(done, people, units, asked)
        _end(done, asked)
        where: dict[str, str] = {}
        for change in done:
            if unit := units.get(change.values.get("organization") or ""):
                where.setdefault(change.values["username"], unit.name)
        told = [
            (where.get(user.username, ""), user.display_name, user.username, word) for user, word in secrets
        ]
        return sorted(told)


class _Known:
    """What the rows are held against: units, roles, who is elsewhere, who administrates. Five queries."""

    def __init__(self, asked: Asked, rows: Sequence[Row]):
        self.roles = dict(Role.objects.values_list("code", "kinds"))
        units = Organization.objects.active().filter(district=asked.district)
        self.units = dict(units.values_list("code", "kind"))
        names = {row.values["username"] for row in rows}
        strangers = User.objects.filter(username__in=names).exclude(district=asked.district)
        self.elsewhere = set(strangers.values_list("username", flat=True))
        self.administrates = defaultdict(set)
        for name, role in (
            _held(asked).filter(role__in=ADMINISTRATORS).values_list("user__username", "role_id")
        ):
            self.administrates[name].add(role)
        for row in rows:
            if row.values.get("role") in ADMINISTRATORS:
                self.administrates[row.values["username"]].add(row.values["role"])

    def administrates_twice(self, username: str, role: str | None) -> bool:
        return role in ADMINISTRATORS and len(self.administrates[username]) > 1


def _held(asked: Asked):
    """Posts that hold or will, those held for others left out: they end with the absence."""
    lasting = Q(valid_to=None) | Q(valid_to__gt=asked.now)
    return Post.objects.filter(lasting, user__district=asked.district, deputy_for=None)


def _post_problems(row: Row, old: Values | None, known: _Known) -> Iterator[Problem]:
    said = row.values
    role, unit = said.get("role"), said.get("organization")
    if bool(role) != bool(unit):
        yield Problem("half_a_post", row.number, "organization" if role else "role")
        return
    if not role or not unit:
        return
    if unit not in known.units:
        yield Problem("unknown_unit", row.number, "organization", unit)
    elif known.units[unit] not in known.roles[role]:
        yield Problem("wrong_post", row.number, "role", role)
    begin, end = said.get("first_day"), said.get("last_day")
    if old and begin and begin != old["first_day"]:
        yield Problem("post_has_begun", row.number, "first_day", begin, {"day": old["first_day"]})
    begin = begin or (old["first_day"] if old else None)
    if begin and end and end < begin:
        yield Problem("ends_before_it_begins", row.number, "last_day", end)


def _differs(said: Values, old: Values) -> bool:
    kept = any(said.get(name) and said[name] != old.get(name) for name in ("display_name", "phone"))
    return kept or ("last_day" in said and said["last_day"] != old.get("last_day"))


def _write_accounts(changes: Sequence[Change], asked: Asked) -> list[tuple[User, str]]:
    """New accounts are made, names and phones brought up to date."""
    named: dict[str, Values] = {}
    for change in changes:
        fresh = change.state == State.NEW or change.fields.keys() & {"display_name", "phone"}
        if fresh:
            said = named.setdefault(change.values["username"], dict(change.values))
            said["phone"] = said.get("phone") or change.values.get("phone")
    there = {
        user.username: user for user in User.objects.filter(username__in=named).select_related("district")
    }
    for name, user in there.items():
        shown, phone = named[name]["display_name"], named[name]["phone"] or user.phone
        change_account(user=user, display_name=shown, phone=phone, by=asked.by)
    new = [said | {"phone": said["phone"] or ""} for name, said in named.items() if name not in there]
    return create_accounts(rows=new, district=asked.district, by=asked.by)


def _begin(
    changes: Sequence[Change], people: Mapping[str, User], units: Mapping[str, Organization], asked: Asked
) -> None:
    together = defaultdict(list)
    for change in changes:
        said = change.values
        if change.state == State.NEW and said.get("role"):
            begin = date.fromisoformat(said["first_day"]) if said.get("first_day") else asked.from_day
            post = (people[said["username"]], said["role"], units[said["organization"]])
            together[begin, said.get("last_day")].append(post)
    for (begin, last), posts in together.items():
        appoint_many(rows=posts, at=begins(begin, now=asked.now), until=ends_after(last), by=asked.by)


def _end(changes: Sequence[Change], asked: Asked) -> None:
    moved = {
        change.key: change for change in changes if change.state == State.ENDED or "last_day" in change.fields
    }
    names = {key[0] for key in moved}
    posts = _held(asked).filter(user__username__in=names).select_related("user", "organization")
    for post in posts.order_by("pk"):
        change = moved.get((post.user.username, post.role_id, post.organization.code))
        if change is None:
            continue
        if "last_day" not in change.fields:  # the whole list lacks it
            end_post(post=post, at=max(begins(asked.from_day, now=asked.now), post.valid_from), by=asked.by)
        else:
            move_end(post=post, until=_until(change.values["last_day"], asked), by=asked.by)


def _until(last: str | None, asked: Asked) -> datetime | None:
    """A last day that is over ends the post now, for what was done in it stays done."""
    until = ends_after(last)
    return None if until is None else max(until, asked.now)
