"""Nobody reads what is not theirs: marked words in a sensitive and in a confidential event, looked for everywhere.

Every address of the product is called by everybody of the cast: pages, fragments, the API, refusals, files. A
mark may come back only to those whom the design (section 6) and the field rules (section 10) name; the log holds
none of them, and for those who may not know of a sensitive event not even a number changes.

One person for each kind of sight looks each time; everybody with LEAKS=everybody, as ``make soak`` does.
"""

import json
import logging
import os
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from accounts.models import User
from desks.queues import QUEUES
from dispatch.outbox import drain
from dispatch.workflow import VERBS
from events.models import Event, Evidence, State
from exports.actions import ask
from exports.errors import NothingFoundError, NothingToUnmaskError
from exports.writing import write_waiting
from grid_platform.log_lines import Line
from tests.caller import EVENTS
from tests.cast import COMMUNITY, EVERYBODY, FIRE, GAMBLING, GRID, POLICE, SHOP_IN_ROAD, Cast, Story

PEOPLE = [*EVERYBODY, "instructor", "admin", "chaser", "elsewhere", "deployer", "police_head"]
UNAWARE = ["colleague", "leader", "community", "city", "fire", "centre", "supervisor", "neighbour"]
"""Who may not know of the sensitive event."""
if os.environ.get("LEAKS") != "everybody":
    PEOPLE = ["worker", "colleague", "community", "dispatcher", "police", "fire", "supervisor", "auditor"]
    UNAWARE = ["colleague", "supervisor"]
THE_ROOM = {"director", "acceptor", "dispatcher", "verifier", "chaser"}
SENSITIVE = {"worker", "police", "police_head", "auditor"} | THE_ROOM
"""The reporter, the holder, the auditor and the desk."""
WATCHERS = THE_ROOM | {
    "worker", "colleague", "leader", "instructor", "community", "centre", "deployer", "supervisor", "auditor",
}  # fmt: skip
"""Who sees an ordinary event by its place."""
ENTITLED = {
    "MARKDESCRIPTION": SENSITIVE,
    "MARKADDRESS": SENSITIVE,
    "MARKCOMMENT": SENSITIVE,
    "MARKRESULT": SENSITIVE,
    "MARKCONTENT": SENSITIVE,  # of the evidence
    "MARKFILENAME": set(),  # nobody is told how a file was called on somebody's phone
    "MARKRETURNED": SENSITIVE,
    "13900001111": {"worker"},  # in the sensitive description: the reporter alone reads it whole
    "33010419900101123X": {"police", "worker"},  # in the comment: who wrote it, and the reporter
    "标记报告人": {"colleague"} | THE_ROOM,  # a confidential reporter: the desk alone knows
    "13600002222": {"colleague"},  # the reporter's own phone
    "136****2222": THE_ROOM,
    "欧阳标记": set(),  # a caller: unmasked for a reason only
    "13500003333": set(),
    "135****3333": THE_ROOM | {"community"},  # and masked, because confidential, to the desk alone
    "MARKLEFT": WATCHERS | {"police", "police_head", "fire"},  # what an agency said that returned an event
}
UNMASKED = {
    "13900001111": {"worker"} | THE_ROOM,
    "33010419900101123X": {"worker"} | THE_ROOM,
    "欧阳标记": THE_ROOM | {"community"},
    "13500003333": THE_ROOM | {"community"},
}
"""Who takes it along when asking with a reason: the desk, the lead while it handles, and the reporter."""
ABOUT_PEOPLE = ("accounts:", "api:me")
"""Pages about accounts name people for other reasons than an event."""
INSTANT = datetime.fromisoformat("2019-03-05T10:00:00+08:00")
ASKED = re.compile(r'(q=|q%3D|name="q" value="|class="flag">[^<]+[:：] ?)MARK[A-Z]+')
"""What was searched for stands in the search field, in the address of the next page, and above an export."""
TOKENS = re.compile(
    r"""(csrf-token" content=|csrfmiddlewaretoken" value=|name="id" value=|X-CSRFToken": )"[^"]+"|'X-Request-ID': '\w+'|'Expires': '[^']+'"""
)


@pytest.fixture
def cast(db, settings, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return Cast()


@pytest.fixture
def planted(cast) -> list[Story]:
    return [sensitive(cast), confidential(cast), called(cast)]


def sensitive(cast: Cast) -> Story:
    """Gambling: returned by the fire station, handled by the police, with a file and words of everybody."""
    story = Story(cast, GAMBLING).report(description="MARKDESCRIPTION 13900001111", address="MARKADDRESS")
    story.route().accept().dispatch(lead=FIRE).return_(
        "fire", reason="not_our_duty", explanation="MARKRETURNED"
    )
    story.dispatch(lead=POLICE).sign().comment("police", text="MARKCOMMENT 33010419900101123X")
    file = SimpleUploadedFile("MARKFILENAME.pdf", b"%PDF-1.4 MARKCONTENT", "application/pdf")
    answer = client_of(cast.police).post(f"{EVENTS}{story.id}/evidence/", {"kind": "document", "file": file})
    story.do("feed_back", "police", result="MARKRESULT", evidence=[answer.json()["id"]])
    drain()
    return story


def confidential(cast: Cast) -> Story:
    """A grid worker who wants no name told; the fire station returned it, the police handle it."""
    User.objects.filter(pk=cast.colleague.pk).update(display_name="标记报告人", phone="13600002222")
    del cast.__dict__["colleague"]
    story = Story(cast, SHOP_IN_ROAD).report("colleague", confidential=True)
    story.route().accept().dispatch(lead=FIRE).comment("fire", text="MARKLEFT")
    story.return_("fire", reason="not_our_duty", explanation="Not us").dispatch(lead=POLICE).sign()
    drain()
    return story


def called(cast: Cast) -> Story:
    """A caller of the hotline who wants no name told, written down by the community desk."""
    story = Story(cast, SHOP_IN_ROAD).report(
        "community",
        source="hotline",
        confidential=True,
        reporter_name="欧阳标记",
        reporter_phone="13500003333",
    )
    story.route().accept().dispatch(lead=POLICE).sign()
    drain()
    return story


def client_of(person: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person, backend="accounts.backends.PostBackend")
    return client


# Every address --------------------------------------------------------------------------------------


@cache
def patterns() -> list[tuple[str, dict]]:
    """(full name, converters by key) of every URL, but the one that makes somebody somebody else."""
    found = []

    def walk(resolver: URLResolver, namespaces: list[str]) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern, [*namespaces, *([pattern.namespace] if pattern.namespace else [])])
            elif isinstance(pattern, URLPattern) and pattern.name:
                found.append((":".join([*namespaces, pattern.name]), pattern.pattern.converters))

    walk(get_resolver(), [])
    return [(name, keys) for name, keys in found if name not in ("accounts:demo_login", "accounts:language")]


def addresses(stories: list[Story]) -> Iterator[tuple[str, str]]:
    """(name, path): of the stories where an address has such a key, else of what there is first."""
    for name, keys in patterns():
        rows = Evidence.objects.filter(event__in=[story.id for story in stories])
        if "evidence_id" in keys:
            yield from ((name, reverse(name, args=[row.pk])) for row in rows)
        elif "sha256" in keys:
            yield from ((name, reverse(name, args=[row.event_id, row.kind, row.sha256])) for row in rows)
        elif "verb" in keys:
            yield from (
                (name, reverse(name, kwargs={"event_id": story.id, "verb": verb}))
                for story in stories
                for verb in (VERBS if story.item == GAMBLING else ("merge", "correct", "answer_reporter"))
            )
        elif "other_id" in keys:
            yield from (
                (name, reverse(name, args=[one.id, two.id]))
                for one in stories
                for two in stories
                if one is not two
            )
        elif "event_id" in keys:
            yield from ((name, reverse(name, args=[story.id])) for story in stories)
        else:
            values = {key: some(keys[key].regex) for key in keys}
            yield name, reverse(name, kwargs=values)


def some(regex: str) -> str:
    """A value the converter takes."""
    tries = ("1", "x", "330104", "00000000-0000-0000-0000-000000000000", "2019-03-04")
    return next(value for value in tries if re.fullmatch(regex, value))


QUERIES: list[dict] = [{}, {"q": "MARKDESCRIPTION"}, {"item": GAMBLING, "area": GRID, "show": "all"}]
MORE_QUERIES: dict[str, list[dict]] = {
    "desks:home": [
        *({"queue": name, "group": "unit"} for name in sorted({queue.name for queue in QUEUES})),
        {"wall": "1"},
    ],
    "desks:desk_map": [{"queue": "open", "level": level} for level in ("street", "grid", "event")],
    "desks:events": [{"mine": "true"}, {"q": "标记"}],
    "supervision:events": [{"figure": name} for name in ("reported", "should_close", "overdue_open")],
}
REFUSALS = {403, 405} if os.environ.get("LEAKS") != "everybody" else set()
"""What is refused so is refused before any query is read; ``make soak`` asks all the same."""
FRAGMENTS = {
    "desks:home": ("queue-list", "desk", "wall"),
    "desks:events": ("found",),
    "desks:event": ("event-pane",),
}


def crawl(person: User, stories: list[Story]) -> Iterator[tuple[str, str]]:
    """(what was called, the whole answer) of everything a person can ask for."""
    client = client_of(person)
    for name, path in addresses(stories):
        keyed = path.count("/") > 3 and name.startswith(("desks:", "api:"))
        for query in [{}] if keyed else QUERIES + MORE_QUERIES.get(name, []):
            answer = client.get(path, query)
            yield f"{name} {path} {query}", read(answer)
            if answer.status_code in REFUSALS:
                break
        for target in FRAGMENTS.get(name, ()):
            headers = {"HX-Request": "true", "HX-Target": target}
            yield f"{name} {path} {target}", read(client.get(path, headers=headers))
        if name == "desks:unmask":
            yield f"{name} {path} POST", read(client.post(path, {"reason": ""}))
    for story in stories:
        body = json.dumps({"verb": "restore", "data": {}})  # refused to everybody: it is not rejected
        answer = client.post(f"{EVENTS}{story.id}/moves/", body, content_type="application/json")
        yield f"refusal to move {story.item}", read(answer)
        for words in (story.event.number, "MARKADDRESS"):
            for name in ("desks:events", "api:events"):
                yield f"{name} q={words}", read(client.get(reverse(name), {"q": words}))


def taken(person: User, **given) -> str:
    """The whole file of an export."""
    export = ask(user=person, format="csv", query="", now=timezone.now(), **given)
    write_waiting()
    export.refresh_from_db()
    answer = client_of(person).get(reverse("exports:file", args=[export.pk]))
    assert answer.status_code == 200, f"{export.status} {export.failure}"
    return read(answer)


def read(answer) -> str:
    assert answer.status_code != 500, answer.content
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode(errors="replace")
    if answer.headers.get("Content-Type", "").startswith("application/json"):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return text + str(dict(answer.headers))


@pytest.mark.parametrize("who", PEOPLE)
def test_a_mark_comes_back_to_those_alone_who_may_read_it(cast, planted, who, caplog):
    caplog.set_level(logging.DEBUG)
    seen: dict[str, str] = {}
    for called_, answer in crawl(getattr(cast, who), planted):
        shown = ASKED.sub("", answer)
        for mark, entitled in ENTITLED.items():
            if mark in shown and not (mark == "标记报告人" and called_.startswith(ABOUT_PEOPLE)):
                seen.setdefault(mark, called_)
                assert who in entitled, f"{who} reads {mark} at {called_}"
    missing = {mark for mark, entitled in ENTITLED.items() if who in entitled} - seen.keys()
    assert not missing, "and all they may read is found"
    logged = "\n".join(Line().format(record) for record in caplog.records)
    assert not [mark for mark in ENTITLED if mark in logged]


@pytest.mark.parametrize("who", UNAWARE)
def test_not_even_a_number_tells_of_a_sensitive_event(cast, who, monkeypatch):
    """Whatever is asked about oneself, the answer is the same before and after."""
    monkeypatch.setattr(timezone, "now", lambda: INSTANT)
    own = [(name, path) for name, path in addresses([]) if not name.startswith(("accounts:", "operations:"))]

    def everything() -> dict[str, str]:
        client = client_of(getattr(cast, who))
        told = {}
        for name, path in own:
            for query in QUERIES + MORE_QUERIES.get(name, []):
                answer = client.get(path, query)
                told[f"{name} {query}"] = TOKENS.sub("", read(answer))
                if answer.status_code in REFUSALS:
                    break
        return told

    before = everything()
    sensitive(cast)
    assert everything() == before


@pytest.mark.parametrize("who", PEOPLE)
def test_no_export_holds_a_mark_of_others_and_unasked_no_number_at_all(cast, planted, who):
    person = getattr(cast, who)
    if not Event.objects.visible_to(person).exists():
        with pytest.raises(NothingFoundError):
            taken(person, kind="events")
        return
    for kind in ("events", "steps"):
        plain, files = taken(person, kind=kind), []
        try:
            files = [taken(person, kind=kind, whole=True, reason="Needed")]
        except NothingToUnmaskError:
            pass
        for file in [plain, *files]:
            for mark, entitled in ENTITLED.items():
                unmasked = UNMASKED.get(mark, entitled) if file is not plain else entitled
                assert mark not in file or who in unmasked, f"{who} takes {mark} with the {kind}"
        for number in ("13900001111", "33010419900101123X", "13600002222", "13500003333", "欧阳标记"):
            assert number not in plain, f"{who} takes {number} without a reason"


# The auditor ----------------------------------------------------------------------------------------


def test_the_auditor_reads_a_sensitive_event_and_each_reading_is_written_down(cast, planted):
    story = planted[0]
    auditor = client_of(cast.auditor)
    evidence = Evidence.objects.get(event=story.id, kind="document")
    readings = [
        reverse("desks:event", args=[story.id]),
        reverse("api:event", args=[story.id]),
        reverse("api:steps", args=[story.id]),
        reverse("desks:evidence", args=[evidence.pk]),
        f"{reverse('desks:events')}?item={GAMBLING}",
        f"{reverse('api:events')}?item={GAMBLING}",
    ]
    for number, path in enumerate(readings, start=1):
        assert auditor.get(path).status_code == 200
        rows = AuditEntry.objects.filter(kind="audit_read")
        assert rows.count() == number, path
        last = rows.latest("pk")
        assert (last.actor, last.detail) == (cast.auditor, {"events": [story.event.number]})


def test_the_auditor_changes_nothing(cast, planted):
    story = planted[0]
    auditor = client_of(cast.auditor)
    page = auditor.get(reverse("desks:event", args=[story.id]))
    assert page.context["page"].actions == []
    before = story.event.sequence
    for verb in [code for code, verb in VERBS.items() if not verb.creates]:
        answer = auditor.post(
            f"{EVENTS}{story.id}/moves/",
            json.dumps({"verb": verb, "data": {"text": "x"}}),
            content_type="application/json",
        )
        assert answer.status_code in (400, 403, 409), verb
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.4")
    sent = auditor.post(f"{EVENTS}{story.id}/evidence/", {"kind": "document", "file": file})
    assert sent.status_code == 403
    assert story.event.sequence == before


def test_nobody_elses_reading_is_written_down(cast, planted):
    for who in ("worker", "director", "police", "centre"):
        client_of(getattr(cast, who)).get(reverse("desks:events"))
        client_of(getattr(cast, who)).get(reverse("desks:event", args=[planted[0].id]))
    assert not AuditEntry.objects.filter(kind="audit_read").exists()


# What is left behind --------------------------------------------------------------------------------


def test_a_former_lead_keeps_its_own_steps_without_a_reporter(cast, planted):
    fire = client_of(cast.fire)
    assert fire.get(reverse("desks:event", args=[planted[0].id])).status_code == 404
    page = fire.get(reverse("desks:event", args=[planted[1].id]))
    assert page.templates[0].name == "desks/own_steps.html"
    steps = fire.get(reverse("api:steps", args=[planted[1].id])).json()
    assert [step["verb"] for step in steps] == ["comment", "return"]


def test_a_confidential_reporters_unit_is_not_told_either(cast, planted):
    """Neither by the steps nor by a refusal, which tells who moved the event last."""
    story = Story(cast, SHOP_IN_ROAD).report("colleague", confidential=True)
    for who, told in (("supervisor", False), ("director", False), ("colleague", True)):
        steps = client_of(getattr(cast, who)).get(reverse("api:steps", args=[story.id])).json()
        assert (steps[0]["organization"] == f"TEAM@{GRID}") is told
    refused = client_of(cast.supervisor).post(
        f"{EVENTS}{story.id}/moves/",
        json.dumps({"verb": "restore", "data": {}}),
        content_type="application/json",
    )
    assert refused.json()["last"]["by"] == ""
    story.route()
    steps = client_of(cast.director).get(reverse("api:steps", args=[story.id])).json()
    assert steps[0]["organization"] == f"TEAM@{GRID}"


# Logs -----------------------------------------------------------------------------------------------


def test_a_refused_row_is_not_quoted_in_the_log(cast, planted, caplog):
    """PostgreSQL quotes the whole row, over several lines where the text has some."""
    Event.objects.filter(pk=planted[0].id).update(description="MARKDESCRIPTION\nMARKSECONDLINE")
    with pytest.raises(IntegrityError, match="MARKSECONDLINE") as refused, transaction.atomic():
        Event.objects.filter(pk=planted[0].id).update(occurred_at=None)
    logging.getLogger("dispatch").error("it failed: %s", refused.value, exc_info=refused.value)
    handlers = [row for row in logging.getLogger().handlers if isinstance(row.formatter, Line)]
    assert handlers, "the product's log lines are made by it"
    line = handlers[0].formatter.format(caplog.records[-1])
    assert "null value in column" in line and "Traceback" in line
    assert "MARK" not in line


def test_the_database_logs_no_statement_and_no_row(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW log_min_error_statement")
        assert cursor.fetchone() == ("panic",)
        cursor.execute("SHOW log_error_verbosity")
        assert cursor.fetchone() == ("terse",)


def test_no_error_is_mailed_with_the_whole_request(settings):
    assert logging.getLogger("django").handlers == []


def test_no_mark_is_in_a_name_of_a_stored_file(cast, planted, settings):
    names = [str(path) for path in Path(settings.MEDIA_ROOT).rglob("*")]
    assert any(name.endswith(".pdf") for name in names)
    assert not [name for name in names if "MARK" in name]


def test_a_download_is_named_after_the_event(cast, planted):
    story = planted[0]
    row = Evidence.objects.get(event=story.id, kind="document")
    for name in ("desks:evidence", "desks:thumbnail"):
        answer = client_of(cast.police).get(reverse(name, args=[row.pk]))
        assert (
            answer.headers["Content-Disposition"]
            == f'attachment; filename="{story.event.number}-document.pdf"'
        )
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_state_of_the_plants_is_what_the_tests_say(planted):
    assert [story.event.state for story in planted] == [State.FED_BACK, State.HANDLING, State.HANDLING]
    assert planted[2].event.area_code.startswith(COMMUNITY)
