"""The way through the pages: from a list's filters to the file, and the administrator's word in between."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.audit import AuditEntry
from dispatch.outbox import drain
from events.models import State
from exports import writing
from exports.models import Export
from tests.cast import SHOP_IN_ROAD, Story, story_at
from tests.exports.conftest import SECURITY, path_of, written

MINE, NEW, APPROVALS = (reverse(f"exports:{name}") for name in ("mine", "new", "approvals"))
FRAGMENT = {"HX-Request": "true", "HX-Target": "exports"}


@pytest.fixture
def administrator(cast, enter, security):
    cast.__dict__["security"] = security
    return enter("security")


@pytest.fixture
def few(monkeypatch) -> None:
    monkeypatch.setattr("exports.actions.APPROVED_ABOVE", 0)


def page_of(browser, path: str, **query) -> str:
    answer = browser.get(path, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_the_list_with_its_filters_to_the_file(cast, enter):
    story_at(cast, State.HANDLING)
    story_at(cast, State.CLOSED)
    browser = enter("director")
    listed = page_of(browser, reverse("desks:events"), state="handling")
    assert f"{NEW}?state=handling&amp;what=events" in listed
    form = page_of(browser, NEW, state="handling", what="events")
    assert (
        "1 row as of now" in form
        and "State: in hand" in form
        and 'name="query" value="state=handling"' in form
    )

    sent = browser.post(NEW, {"what": "events", "format": "xlsx", "query": "state=handling"}, follow=True)
    assert sent.redirect_chain == [(MINE, 302)]
    shown = sent.content.decode()
    assert "waiting its turn" in shown and 'hx-trigger="every 2s"' in shown
    export = written(Export.objects.get(), timezone.now())
    done = browser.get(MINE, headers=FRAGMENT).content.decode()
    assert "<html" not in done and "Download" in done and "hx-trigger" not in done

    answer = browser.get(reverse("exports:file", args=[export.pk]))
    assert b"".join(answer.streaming_content) == path_of(export).read_bytes()
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert answer["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def test_the_rates_page_leads_to_its_table(cast, enter):
    story_at(cast, State.CLOSED)
    browser = enter("supervisor")
    days = {"from": "2019-03-04", "to": "2019-03-05"}
    assert f"{NEW}?from=2019-03-04&amp;to=2019-03-05&amp;what=rates" in page_of(
        browser, reverse("supervision:rates"), **days
    )
    form = page_of(browser, NEW, **days, what="rates")
    assert "Unmasked" not in form and "From: 2019-03-04" in form
    browser.post(NEW, {"what": "rates", "format": "csv", "query": "from=2019-03-04&to=2019-03-05"})
    export = written(Export.objects.get(), timezone.now())
    answer = browser.get(reverse("exports:file", args=[export.pk]))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert AuditEntry.objects.filter(kind="export", actor=cast.supervisor).count() == 1


def test_nothing_yet_is_said_and_so_is_progress(cast, enter):
    browser = enter("director")
    assert "No exports yet" in page_of(browser, MINE)
    story_at(cast, State.HANDLING)
    browser.post(NEW, {"what": "events", "format": "csv"})
    Export.objects.update(status="running", rows_total=200, rows_written=50)
    shown = page_of(browser, MINE)
    assert 'value="25"' in shown and "50 of 200 rows" in shown
    assert "No exports yet" in page_of(enter("acceptor"), MINE), "nobody sees another's"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"what": "everything"}, "Select a valid choice"),
        ({"format": "pdf"}, "Select a valid choice"),
        ({"query": "state=void"}, "Nothing matches these filters"),
        ({"query": "since=soon"}, "These filters cannot be used"),
        ({"whole": "true"}, "for a reason only"),
    ],
)
def test_what_cannot_be_is_said_in_the_form_and_nothing_is_lost(cast, enter, given, words):
    story_at(cast, State.HANDLING)
    answer = enter("director").post(NEW, {"what": "events", "format": "csv", "query": ""} | given)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Export.objects.exists()


def test_a_fourth_one_is_refused_in_words(cast, enter):
    story_at(cast, State.HANDLING)
    browser = enter("director")
    for _number in range(3):
        browser.post(NEW, {"what": "steps", "format": "csv"})
    answer = browser.post(NEW, {"what": "steps", "format": "csv"})
    assert "You have 3 exports under way" in answer.content.decode()
    first = Export.objects.earliest("pk")
    assert browser.post(reverse("exports:cancel", args=[first.pk]), follow=True).status_code == 200
    assert browser.post(NEW, {"what": "steps", "format": "csv"}).status_code == 302


def test_a_file_that_is_gone_is_explained_on_the_page(cast, enter):
    story_at(cast, State.HANDLING)
    browser = enter("director")
    browser.post(NEW, {"what": "events", "format": "csv"})
    export = written(Export.objects.get(), timezone.now())
    writing.clear_away(now=export.expires_at)
    answer = browser.get(reverse("exports:file", args=[export.pk]), follow=True)
    assert "There is no file" in answer.content.decode()
    again = f'{NEW}?what=events&amp;{export.query}"'
    assert again in page_of(browser, MINE)


@pytest.mark.parametrize("name", ["file", "cancel", "decide"])
def test_to_others_an_export_does_not_exist(cast, enter, name):
    story_at(cast, State.HANDLING)
    enter("director").post(NEW, {"what": "events", "format": "csv"})
    export = written(Export.objects.get(), timezone.now())
    path = reverse(f"exports:{name}", args=[export.pk])
    for who in ("acceptor", "supervisor", "auditor", "neighbour"):
        told = {enter(who).get(path).status_code, enter(who).post(path, {"verdict": "approve"}).status_code}
        assert told <= {404, 405} and 404 in told


# Approval ----------------------------------------------------------------------------------------


def test_much_personal_data_waits_for_the_security_administrator(cast, enter, few, administrator):
    Story(cast, SHOP_IN_ROAD).report(description="打 13900001111").route()
    drain()
    browser = enter("director")
    browser.post(
        NEW,
        {"what": "events", "format": "csv", "whole": "true", "reason": "逐一回访", "query": "q=13900001111"},
    )
    mine = page_of(browser, MINE)
    assert "must approve it first" in mine and "Search: 139****1111" in mine
    assert "when the security administrator has approved it" in mine
    shown = page_of(administrator, APPROVALS)
    assert shown.count("nav-alert") == 2, "at the top, and in the tab bar of a phone"
    assert cast.director.display_name in shown and "逐一回访" in shown
    assert "139****1111" in shown and "13900001111" not in shown, "what was searched for is masked too"

    decide = reverse("exports:decide", args=[Export.objects.get().pk])
    refused = administrator.post(decide, {"verdict": "refuse", "decision": ""})
    assert refused.status_code == 409 and "Say why it is refused" in refused.content.decode()
    assert administrator.post(decide, {"verdict": "approve"}, follow=True).status_code == 200
    assert "13900001111" in path_of(written(Export.objects.get(), timezone.now())).read_text("utf-8-sig")
    assert administrator.post(decide, {"verdict": "approve"}).status_code == 409
    shown = page_of(administrator, APPROVALS)
    assert "approved" in shown and "nav-alert" not in shown


def test_a_refusal_reaches_who_asked(cast, enter, few, administrator):
    story_at(cast, State.HANDLING)
    browser = enter("director")
    browser.post(NEW, {"what": "events", "format": "csv", "whole": "true", "reason": "统计"})
    decide = reverse("exports:decide", args=[Export.objects.get().pk])
    administrator.post(decide, {"verdict": "refuse", "decision": "请脱敏导出"})
    assert "refused it: 请脱敏导出" in page_of(browser, MINE)
    with override("zh-hans"):
        assert Export.objects.get().get_status_display() == "不同意"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("what=events&state=odd", ["State: odd"]),
        ("what=events&item=30202&open=true", ["Item: Shop trading onto the street", "Only open: yes"]),
        ("what=rates&category=302&group=item", ["By: Item", "Category: Street order"]),
        ("what=rates", ["By: Street"]),
    ],
)
def test_every_filter_is_told_in_words_even_one_that_makes_no_sense(cast, enter, query, words):
    shown = enter("supervisor").get(f"{NEW}?{query}").content.decode()
    for word in words:
        assert word in shown


def test_only_the_security_administrator_opens_the_approvals(cast, enter, administrator):
    assert cast.security.username == SECURITY
    assert "Nothing waits" in page_of(administrator, APPROVALS)
    for who in ("director", "supervisor", "auditor", "admin"):
        assert enter(who).get(APPROVALS).status_code == 403


# The audit administrator --------------------------------------------------------------------------


def test_the_audit_log_shows_who_took_what(cast, enter):
    story_at(cast, State.HANDLING)
    enter("director").post(NEW, {"what": "steps", "format": "xlsx"})
    log = page_of(enter("auditor"), reverse("accounts:audit_log"), kind="export")
    assert cast.director.display_name in log and Export.objects.get().number in log and "what: Steps" in log
    assert AuditEntry.objects.get(kind="export").address == "127.0.0.1"
