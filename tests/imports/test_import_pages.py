"""The pages of the lists: template, problems, difference, confirmation, passwords; two at once."""

import re
import threading
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AuditEntry, User
from imports.actions import DataChangedError, apply, preview
from imports.kinds import KINDS
from imports.models import KEPT, Upload
from imports.tasks import forget_old_uploads
from tests.cast import ROOM, Cast
from tests.imports.tables import of

NEW = {"username": "wang.li", "display_name": "王丽", "organization": ROOM, "role": "room_acceptor"}


def browser_of(person: User) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person, backend="accounts.backends.PostBackend")
    return browser


@pytest.fixture
def admin(cast):
    return browser_of(cast.admin)


def load(browser, kind, *rows, content=None, **data):
    file = SimpleUploadedFile("list.xlsx", content or of(rows).getvalue())
    return browser.post(f"/imports/{kind}/", {"file": file} | data)


def seen(page) -> str:
    return re.search(r'name="seen" value="(\w+)"', page.content.decode())[1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_its_page_template_and_list(admin, kind):
    assert admin.get(f"/imports/{kind}/").status_code == 200
    for answer in (admin.get(f"/imports/{kind}/template/"), admin.post(f"/imports/{kind}/list/")):
        assert "attachment" in answer["Content-Disposition"]
        assert load_workbook(BytesIO(answer.content)).worksheets[0]["A1"].value


def test_a_list_is_shown_confirmed_and_its_passwords_told_once(admin, cast):
    waiting = load(admin, "people", NEW)
    assert waiting.status_code == 302 and not User.objects.filter(username="wang.li").exists()
    page = admin.get(waiting.url)
    assert "wang.li" in page.content.decode() and page["Cache-Control"].startswith("max-age=0")
    done = admin.post(waiting.url, {"seen": seen(page)}).content.decode()
    person = User.objects.get(username="wang.li")
    password = re.search(r"<code>(.+?)</code>", done)[1]
    assert person.check_password(password) and "data:application/vnd.openxml" in done
    upload = Upload.objects.get()
    assert upload.rows == [] and upload.applied_at
    assert admin.get(waiting.url).status_code == admin.post(waiting.url).status_code == 404
    assert password not in str(AuditEntry.objects.values_list("detail", flat=True))


def test_what_was_done_is_told_with_its_counts(admin, cast):
    row = {"code": "199", "platform": "综治工作", "name_zh": "新类别", "name_en": "New"}
    waiting = load(admin, "categories", row)
    answer = admin.post(waiting.url, {"seen": seen(admin.get(waiting.url))}, follow=True)
    assert "Categories: loaded. new 1." in answer.text


def test_problems_are_named_on_the_page_and_nothing_waits(admin):
    page = load(admin, "people", NEW | {"organization": "ZHZX@999"})
    words = page.content.decode()
    assert page.status_code == 400 and "unknown_unit" in words and "No organisation of the district" in words
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"), [(b"a,b\n1,2", "not an Excel file"), (b"", "The file is empty")]
)
def test_a_file_that_is_none_is_refused_at_its_field(admin, content, words):
    file = SimpleUploadedFile("list.xlsx", content)
    page = admin.post("/imports/people/", {"file": file})
    assert page.status_code == 400 and words in page.content.decode()


def test_what_changed_meanwhile_is_shown_anew_instead_of_done(admin, cast):
    waiting = load(admin, "categories", {"code": "101", "platform": "综治工作", "name_zh": "治安"})
    before = seen(admin.get(waiting.url))
    apply(preview(kind="categories", file=of([{"code": "101", "platform": "综治工作", "name_zh": "别的"}]),
                  district=cast.district))  # fmt: skip
    refused = admin.post(waiting.url, {"seen": before})
    assert refused.status_code == 409 and "别的" in refused.content.decode()
    assert admin.post(waiting.url, {"seen": seen(refused)}).status_code == 302


def test_a_list_waits_for_who_brought_it_and_for_a_day(admin, cast):
    waiting = load(admin, "people", NEW)
    other = User.objects.create_user("second.admin", display_name="二", district=cast.district)
    assert browser_of(other).get(waiting.url).status_code == 403
    Upload.objects.update(at=timezone.now() - KEPT)
    assert admin.get(waiting.url).status_code == 404
    load(admin, "people", NEW)
    assert forget_old_uploads() == 1
    assert sorted(len(upload.rows) for upload in Upload.objects.all()) == [0, 1]


def test_the_list_of_people_is_given_out_without_phones_and_written_down(admin, cast):
    answer = admin.post("/imports/people/list/")
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert {row[2].value for row in sheet.iter_rows(min_row=2)} == {None}
    assert AuditEntry.objects.filter(kind="export", subject="list_people", actor=cast.admin).exists()


def test_the_difference_is_filtered_and_paged_in_the_url(admin):
    waiting = load(admin, "people", *[NEW | {"username": f"many.{n}"} for n in range(60)])
    assert admin.get(f"{waiting.url}?page=2").content.decode().count('<li class="is-new"') == 10
    assert "None." in admin.get(f"{waiting.url}?state=ended").content.decode()


def test_of_two_at_once_one_wins_and_the_other_is_told(fresh_database):
    cast = Cast()
    names = ("甲", "乙")
    rows = [of([{"code": "101", "platform": "综治工作", "name_zh": name}]) for name in names]
    found = [preview(kind="categories", file=file, district=cast.district) for file in rows]
    start, told = threading.Barrier(2), []

    def confirm(one):
        try:
            start.wait()
            apply(one)
            told.append("done")
        except DataChangedError as error:
            told.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=(one,)) for one in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["changed_since", "done"]
