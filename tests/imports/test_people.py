"""People and posts from a list: what is shown, what is refused, what is done, and that it is done once."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AuditEntry, Post, User
from accounts.scope import scope_of
from grids.models import District
from imports.actions import DataChangedError, ListRefusedError, apply
from imports.difference import State
from tests.cast import POLICE, ROOM, TEAM, unit
from tests.imports.tables import of, table

NEW = {"username": "wang.li", "display_name": "王丽", "phone": "13800000000", "organization": ROOM,
       "role": "指挥室受理员"}  # fmt: skip
WORKER = {"username": "worker", "organization": TEAM, "role": "grid_worker"}


def states(found):
    return [change.state for change in found.changes]


def test_a_new_person_gets_account_post_and_a_password_told_once(look, cast):
    found = look("people", NEW, NEW | {"role": "指挥室派遣员"})
    assert (found.problems, states(found)) == ([], [State.NEW, State.NEW])
    assert not User.objects.filter(username="wang.li").exists()
    done = apply(found)
    [(where, name, username, password)] = done.secrets
    assert (where, name, username) == (unit(ROOM).name, "王丽", "wang.li")
    person = User.objects.get(username="wang.li")
    assert person.phone == "13800000000" and person.password_changed_at is None
    assert password not in person.password and person.check_password(password)
    assert {post.role for post in scope_of(person).posts} == {"room_acceptor", "room_dispatcher"}


def test_the_first_password_opens_the_door_and_must_be_changed(look, settings):
    settings.PASSWORD_MAX_AGE_DAYS = 90
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]  # the service's own
    [(*_rest, password)] = apply(look("people", NEW)).secrets
    browser = Client()
    browser.post("/accounts/login/", {"username": "wang.li", "password": password})
    assert browser.get("/").url.startswith("/accounts/password/")
    stored = User.objects.get(username="wang.li")
    assert int(stored.password.split("$")[1]) > 100_000, "hashed anew with all rounds at the first log-in"
    assert stored.password_changed_at is None


def test_the_same_file_again_changes_nothing(look):
    rows = [NEW, NEW | {"username": "li.na", "display_name": "李娜", "last_day": "2030-12-31"}]
    apply(look("people", *rows))
    again = look("people", *rows)
    assert again.changes_nothing and not again.problems
    assert apply(again).secrets == []


def test_old_and_new_are_told_and_only_what_differs_is_written(look, cast):
    shown = cast.worker.display_name
    found = look("people", WORKER | {"display_name": "新名字", "phone": "13911112222"})
    [change] = found.changes
    assert change.state == State.CHANGED
    assert change.fields == {"display_name": (shown, "新名字"), "phone": (cast.worker.phone, "13911112222")}
    before = Post.objects.filter(user=cast.worker).values_list("pk", flat=True)
    apply(found)
    assert User.objects.get(username="worker").display_name == "新名字"
    assert list(before) == list(Post.objects.filter(user=cast.worker).values_list("pk", flat=True))
    told = AuditEntry.objects.filter(kind="account_changed", subject="worker").get()
    assert told.detail == {"fields": ["display_name", "phone"]} and told.actor == cast.admin


def test_a_last_day_ends_the_post_with_that_day(look, cast):
    row = WORKER | {"display_name": cast.worker.display_name, "last_day": "2030-12-31"}
    found = look("people", row)
    assert states(found) == [State.ENDED]
    apply(found)
    end = Post.objects.get(user=cast.worker, role="grid_worker").valid_to
    assert timezone.localtime(end).isoformat() == "2031-01-01T00:00:00+08:00"
    assert look("people", row).changes_nothing
    apply(look("people", row | {"last_day": None}))
    assert Post.objects.get(user=cast.worker, role="grid_worker").valid_to is None


def test_a_post_whose_last_day_is_over_ends_now_and_is_not_begun_again(look, cast):
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    Post.objects.filter(user=cast.worker).update(valid_from=timezone.now() - timedelta(days=30))
    row = WORKER | {"display_name": cast.worker.display_name, "last_day": yesterday}
    apply(look("people", row))
    worker = User.objects.get(pk=cast.worker.pk)
    assert scope_of(worker, now=timezone.now() + timedelta(seconds=1)).posts == ()
    assert states(look("people", row, now=timezone.now() + timedelta(seconds=1))) == [State.UNCHANGED]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ({"organization": "ZHZX@999"}, "organization", "unknown_unit"),
        ({"organization": POLICE}, "role", "wrong_post"),
        ({"organization": None}, "organization", "half_a_post"),
        ({"role": "扫地僧"}, "role", "unknown_choice"),
        ({"phone": "call me"}, "phone", "wrong_form"),
        ({"username": "Wang Li"}, "username", "wrong_form"),
        ({"username": "worker"}, "display_name", "other_name"),
        ({"username": "stranger"}, "username", "username_taken"),
        ({"first_day": "2019-02-01", "last_day": "2019-01-01"}, "last_day", "ends_before_it_begins"),
    ],
)
def test_a_row_that_cannot_be_is_named_and_nothing_is_loaded(look, codes, cast, row, column, code):
    other = District.objects.create(code="330106", name_zh="西湖区")
    User.objects.create_user("stranger", display_name="外人", district=other)
    found = look("people", NEW | {"username": "good.one"}, NEW | row)
    assert codes(found) == [(3, column, code)]
    with pytest.raises(ListRefusedError):
        apply(found)
    assert not User.objects.filter(username="good.one").exists()


def test_rows_must_agree_about_a_person_and_stand_once(look, codes):
    rows = [NEW, NEW | {"role": "指挥室派遣员", "display_name": "王力"}, NEW]
    assert codes(look("people", *rows)) == [
        (3, "display_name", "contradiction"),
        (4, "username", "duplicate_row"),
    ]


def test_the_beginning_of_a_post_stays(look, codes, cast):
    row = WORKER | {"display_name": cast.worker.display_name, "first_day": "2010-01-01"}
    assert codes(look("people", row)) == [(2, "first_day", "post_has_begun")]


def test_nobody_loads_the_own_account_or_two_administrators_posts(look, codes, cast):
    own = {"username": cast.admin.username, "display_name": cast.admin.display_name, "organization": "ZHZX"}
    auditor = {"username": cast.auditor.username, "display_name": cast.auditor.display_name}
    found = look(
        "people", own | {"role": "centre_duty"}, auditor | {"organization": "ZHZX", "role": "security_admin"}
    )
    assert codes(found) == [(2, "username", "own_account"), (3, "role", "separated_posts")]
    assert look("people", own | {"role": "system_admin"}).changes_nothing


def test_the_whole_list_ends_the_posts_it_lacks_but_no_administrators(look, cast):
    found = look("people", WORKER | {"display_name": cast.worker.display_name}, complete=True)
    assert found.counts[State.ENDED] > 3000
    ended = {change.key[1] for change in found.changes if change.state == State.ENDED}
    assert "grid_worker" in ended and not ended & {"system_admin", "security_admin", "audit_admin"}


def test_what_changed_since_it_was_shown_is_not_overwritten(look, cast):
    found = look("people", WORKER | {"display_name": "新名字"})
    User.objects.filter(pk=cast.worker.pk).update(display_name="别名")
    with pytest.raises(DataChangedError):
        apply(found)
    assert User.objects.get(pk=cast.worker.pk).display_name == "别名"


def test_two_with_the_same_new_person_one_is_told(look):
    first, second = look("people", NEW), look("people", NEW)
    apply(first)
    with pytest.raises(DataChangedError):
        apply(second)
    assert Post.objects.filter(user__username="wang.li").count() == 1


def test_phones_and_codes_that_excel_made_numbers_are_read(look):
    file = table(["用户名", "姓名", "电话"], ["wang.li", "王丽", 13800000000])
    apply(look("people", file=file))
    assert User.objects.get(username="wang.li").phone == "13800000000"


def test_the_run_is_in_the_audit_log_with_counts_and_no_names(look, cast):
    apply(look("people", NEW))
    entry = AuditEntry.objects.filter(kind="import").get()
    assert (entry.actor, entry.subject, entry.detail["new"]) == (cast.admin, "people", 1)
    assert "王丽" not in str(entry.detail)


def test_a_thousand_people_take_a_few_statements_each(look, django_assert_max_num_queries):
    found = look("people", *[NEW | {"username": f"many.{number}"} for number in range(1000)])
    with django_assert_max_num_queries(60):
        assert len(apply(found).secrets) == 1000


# The command ------------------------------------------------------------------------------------------


@pytest.fixture
def run(cast, tmp_path):
    def run_(*rows, **options):
        path = tmp_path / "people.xlsx"
        path.write_bytes(of(rows).getvalue())
        told = StringIO()
        call_command("import_people", district="330104", file=path, stdout=told, **options)
        return told.getvalue()

    return run_


def test_the_command_shows_the_difference_and_a_dry_run_changes_nothing(run):
    told = run(NEW, dry_run=True)
    assert "new: wang.li" in told and "1 new" in told and "dry run" in told
    assert not User.objects.filter(username="wang.li").exists()


def test_the_command_writes_the_passwords_for_its_owner_alone(run, tmp_path):
    path = tmp_path / "passwords.xlsx"
    run(NEW, passwords=path)
    password = load_workbook(path).active["D2"].value
    assert path.stat().st_mode & 0o777 == 0o600
    assert User.objects.get(username="wang.li").check_password(password)


def test_without_a_place_for_the_passwords_no_account_is_made(run, tmp_path):
    with pytest.raises(CommandError, match="--passwords"):
        run(NEW)
    with pytest.raises(CommandError, match="cannot be written"):
        run(NEW, passwords=tmp_path)
    assert not User.objects.filter(username="wang.li").exists()


def test_the_command_names_every_problem(run):
    with pytest.raises(CommandError, match=r"row 2, .*unknown_unit"):
        run(NEW | {"organization": "ZHZX@999"}, dry_run=True)
