"""The system administrator's page: upload, dry run by a worker, confirm, loaded; refusals and the audit log."""

import json
from datetime import timedelta

import psycopg2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.establish import establish
from accounts.models import AuditEntry
from desks.area_imports import TRIES, work
from desks.models import AreaImport
from grids.actions import IMPORT_LOCK
from grids.locate import forget
from grids.models import Area
from tests.cast import COMMUNITY, DISTRICT, GRID, MONDAY, Story

NEW = f"{COMMUNITY}903"
State = AreaImport.State


@pytest.fixture(autouse=True)
def own_map():
    yield
    forget(DISTRICT)


@pytest.fixture
def client(cast):
    client = Client()
    client.force_login(cast.admin, backend="accounts.backends.PostBackend")
    return client


def features(*rows: dict) -> bytes:
    collection = [{"properties": row, "geometry": None} for row in rows]
    return json.dumps({"type": "FeatureCollection", "features": collection}).encode()


SPLIT = features(
    {"code": NEW, "level": "grid", "name_zh": "新网格", "predecessors": [GRID]},
    {"code": GRID, "level": "grid", "valid_to": "2019-03-04"},
)


def upload(client, content: bytes = SPLIT, name: str = "split.geojson", **given) -> AreaImport:
    data = {"file": SimpleUploadedFile(name, content), "datum": "wgs84"} | given
    answer = client.post(reverse("areas:imports"), data)
    assert answer.status_code == 302, answer.content.decode()
    return AreaImport.objects.get()


def checked(client, *args, **given) -> AreaImport:
    row = upload(client, *args, **given)
    work(now=MONDAY)
    row.refresh_from_db()
    return row


def do(client, row: AreaImport, verb: str) -> AreaImport:
    client.post(reverse("areas:import_act", args=[row.pk, verb]), {"version": row.version})
    row.refresh_from_db()
    return row


def test_from_the_file_to_the_tree(client, cast):
    story = Story(cast).report().route()
    row = upload(client)
    waiting = client.get(reverse("areas:import", args=[row.pk]))
    assert 'hx-target="#import-report"' in waiting.content.decode()
    work(now=MONDAY)
    row.refresh_from_db()
    counts = row.report["counts"]
    assert (row.state, counts["new"], counts["ended"], counts["recoded"]) == (State.CHECKED, 1, 1, 1)
    assert not Area.objects.filter(code=NEW).exists(), "a check writes nothing"
    page = client.get(reverse("areas:import", args=[row.pk]))
    assert [(line.kind, line.code) for line in page.context["lines"]] == [("ended", GRID), ("new", NEW)]
    assert len(client.get(reverse("areas:import_map", args=[row.pk])).json()["features"]) == 1

    assert do(client, row, "load").state == State.CONFIRMED
    work(now=MONDAY + timedelta(minutes=1))
    row.refresh_from_db()
    assert (row.state, row.loaded_by) == (State.LOADED, cast.admin)
    assert Area.objects.get(code=GRID).valid_to is not None
    assert story.event.area_code == GRID, "recoding follows in its own transactions"
    entry = AuditEntry.objects.get(kind="areas_imported")
    assert (entry.actor, entry.subject, entry.detail["new"]) == (cast.admin, "split.geojson", 1)
    assert work(now=MONDAY) == 0

    page = client.get(reverse("areas:import", args=[row.pk]))
    assert page.context["without_units"] == 1 and reverse("imports:kind", args=["departments"]) in page.text
    establish(district=cast.district)
    assert client.get(reverse("areas:import", args=[row.pk])).context["without_units"] == 0


def test_errors_are_shown_by_row_and_field_and_cannot_be_loaded(client):
    row = checked(client, features({"code": NEW, "level": "grid"}))
    assert row.report["counts"]["errors"] == 1
    shown = client.get(reverse("areas:import", args=[row.pk])).content.decode()
    assert "name_missing" in shown
    assert do(client, row, "load").state == State.CHECKED
    assert not Area.objects.filter(code=NEW).exists()


def test_a_file_with_errors_does_not_claim_to_wait_for_a_word(client):
    row = checked(client, features({"code": NEW, "level": "grid", "name_zh": ""}))
    assert row.has_errors
    for path in (reverse("areas:import", args=[row.pk]), reverse("areas:imports")):
        shown = client.get(path, headers={"accept-language": "en"}).content.decode()
        assert "has errors" in shown and row.get_state_display() not in shown


def test_what_changed_since_the_check_is_refused_until_it_is_checked_again(client, cast):
    row = checked(client)
    Area.objects.filter(code=GRID).update(name_zh="别名")
    cast.district.boundary_version += 1
    cast.district.save()
    do(client, row, "load")
    work(now=MONDAY)
    row.refresh_from_db()
    assert (row.state, row.refusal) == (State.CHECKED, "tree_changed")
    assert not Area.objects.filter(code=NEW).exists()
    do(client, row, "check")
    work(now=MONDAY)
    row.refresh_from_db()
    do(client, row, "load")
    work(now=MONDAY)
    assert Area.objects.filter(code=NEW).exists()


def test_while_another_import_runs_loading_is_refused_in_words(client):
    row = checked(client)
    do(client, row, "load")
    other = psycopg2.connect(**connection.get_connection_params())
    try:
        other.cursor().execute("SELECT pg_advisory_lock(%s, %s)", [IMPORT_LOCK, int(DISTRICT)])
        work(now=MONDAY)
    finally:
        other.close()
    row.refresh_from_db()
    assert (row.state, row.refusal) == (State.CHECKED, "import_running")
    assert 'role="alert"' in client.get(reverse("areas:import", args=[row.pk])).content.decode()


def test_what_is_discarded_keeps_no_file_and_is_in_the_log(client):
    row = do(client, checked(client), "discard")
    assert (row.state, bytes(row.content), row.picture) == (State.DISCARDED, b"", {})
    assert AuditEntry.objects.filter(kind="areas_discarded").count() == 1
    assert do(client, row, "load").state == State.DISCARDED


def test_a_file_that_ends_its_worker_each_time_fails_in_the_end(client):
    row = upload(client)
    AreaImport.objects.update(tries=TRIES)
    work(now=MONDAY)
    row.refresh_from_db()
    assert row.state == State.FAILED
    assert client.get(reverse("areas:import", args=[row.pk])).status_code == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"file": SimpleUploadedFile("a.geojson", b"")}, "file"),
        ({"file": SimpleUploadedFile("a.geojson", b" " * 10_000_001)}, "file"),
        ({"datum": "mars"}, "datum"),
        ({"day": "tomorrow"}, "day"),
        ({"columns": "colour=F"}, "columns"),
    ],
)
def test_a_form_that_is_wrong_says_where(client, given, field):
    data = {"file": SimpleUploadedFile("a.geojson", SPLIT), "datum": "wgs84"} | given
    answer = client.post(reverse("areas:imports"), data)
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not AreaImport.objects.exists()


@pytest.mark.parametrize("columns", ["code=DM, name_zh=MC", "代码＝DM，名称＝MC"])
def test_foreign_columns_and_a_level_for_the_file_are_understood(client, columns):
    row = checked(client, features({"DM": NEW, "MC": "新网格"}), columns=columns, level="grid")
    assert row.report["counts"] | {"warnings": 0} == {
        "new": 1, "changed": 0, "ended": 0, "unchanged": 0, "recoded": 0, "errors": 0, "warnings": 0,
    }  # fmt: skip


def test_the_form_to_fill_in_comes_empty_and_with_the_present_areas(client):
    empty, present = (client.get(reverse("areas:template") + query) for query in ("", "?present"))
    assert empty.content[:2] == b"PK"
    assert len(present.content) > len(empty.content) + 10_000
