"""Masked unless a reason says otherwise, approved when it is much, and never more than the event's page shows."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.audit import AuditEntry
from accounts.scope import Actor
from desks.privacy import Privacy, unmaskable_by
from dispatch.outbox import drain
from events.models import Event, State
from exports import actions
from exports.errors import (
    ExportError,
    NothingToUnmaskError,
    NotWaitingError,
    OwnExportError,
    ReasonMissingError,
    RefusalReasonMissingError,
)
from exports.models import Export
from tests.cast import EVERYBODY, GAMBLING, POLICE, SHOP_IN_ROAD, Story, story_at
from tests.exports.conftest import NOW, path_of, rows_of, written

PHONE, MASKED = "13900001111", "139****1111"


@pytest.fixture
def few(monkeypatch) -> None:
    """Two rows of personal data are taken without approval, a third is not."""
    monkeypatch.setattr("exports.actions.APPROVED_ABOVE", 2)


def called(cast, **more) -> Story:
    """By a caller whose name and phone the community desk wrote down; the police handle it."""
    told = {"source": "hotline", "reporter_name": "欧阳标记", "reporter_phone": "13500003333"} | more
    story = Story(cast, SHOP_IN_ROAD).report("community", description=f"回电 {PHONE}", **told)
    return story.route().accept().dispatch(lead=POLICE).sign()


def audit_of(kind: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(kind=kind).order_by("id"))


# Masked ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["events", "steps"])
def test_without_a_reason_every_number_is_masked_even_the_askers_own(cast, made, kind):
    Story(cast).report("worker", description=f"打 {PHONE}").route().comment(
        "director", text=f"已联系 {PHONE}"
    )
    called(cast)
    for who in ("worker", "director", "community", "police", "supervisor"):
        shown = path_of(made(who, kind=kind)).read_text("utf-8-sig")
        assert MASKED in shown, who
        assert PHONE not in shown and "13500003333" not in shown and "欧阳标记" not in shown, who


def test_a_caller_is_named_by_the_surname(cast, made):
    called(cast)
    row = rows_of(made("director"))[0]
    assert (row["反映人"], row["反映人电话"]) == ("欧*", "135****3333")


def test_a_confidential_reporter_is_kept_from_the_handler_in_events_and_steps(cast, made):
    Story(cast).report("colleague", confidential=True).route().accept().dispatch(lead=POLICE).sign()
    name = cast.colleague.display_name
    assert rows_of(made("director"))[0]["上报人"] == name
    assert rows_of(made("police"))[0]["上报人"] == "对处置单位保密"
    assert rows_of(made("director", kind="steps"))[0]["人员"] == name
    assert name not in path_of(made("police", kind="steps")).read_text("utf-8-sig").replace(
        cast.police.display_name, ""
    )


def test_a_sensitive_event_is_in_no_export_of_those_who_may_not_know_of_it(cast, made):
    sensitive = Story(cast, GAMBLING).report().route().accept().dispatch(lead=POLICE).sign()
    ordinary = story_at(cast, State.HANDLING)
    for who, sees_it in (("director", True), ("police", True), ("supervisor", False), ("centre", False)):
        numbers = {row["编号"] for row in rows_of(made(who))}
        assert numbers == {ordinary.event.number, *([sensitive.event.number] if sees_it else [])}, who
        steps = {row["编号"] for row in rows_of(made(who, kind="steps"))}
        assert steps == numbers, who


def test_what_the_auditor_takes_is_written_down_as_read(cast, made):
    sensitive = Story(cast, GAMBLING).report().route()
    made("auditor")
    assert audit_of("audit_read")[-1].detail == {"events": [sensitive.event.number]}


# Unmasked ----------------------------------------------------------------------------------------


def test_with_a_reason_the_desk_takes_whole_what_it_may_unmask(cast, made):
    called(cast)
    export = made("director", whole=True, reason="逐一回访")
    row = rows_of(export)[0]
    assert (row["反映人"], row["反映人电话"], row["描述"]) == ("欧阳标记", "13500003333", f"回电 {PHONE}")
    assert export.personal_rows == 1
    steps = made("director", kind="steps", whole=True, reason="逐一回访")
    assert PHONE in path_of(steps).read_text("utf-8-sig")
    assert steps.personal_rows == steps.rows_written > 1


def test_only_rows_the_asker_may_unmask_are_whole(cast, made):
    """The police handle one of the two; the other they only assist with."""
    handled = called(cast)
    assisted = Story(cast).report(description=f"找 {PHONE}").route().accept()
    assisted.dispatch(lead="XFDD@330104005", assistants=[POLICE])
    export = made("police", whole=True, reason="上门")
    shown = {row["编号"]: row["描述"] for row in rows_of(export)}
    assert shown == {handled.event.number: f"回电 {PHONE}", assisted.event.number: f"找 {MASKED}"}
    assert export.personal_rows == 1


def test_the_condition_on_rows_is_the_pages_own_rule(cast):
    called(cast)
    called(cast, confidential=True)
    Story(cast).report("colleague", confidential=True).route().accept().dispatch(lead=POLICE).sign()
    story_at(cast, State.FED_BACK)
    Story(cast, GAMBLING).report().route()
    allowed = 0
    for who in EVERYBODY:
        actor = Actor.of(getattr(cast, who))
        visible = Event.objects.visible_to(actor.user)
        by_page = {
            event.pk
            for event in visible
            if (privacy := Privacy(event, actor)).may_unmask or privacy.is_reporter
        }
        assert set(visible.filter(unmaskable_by(actor)).values_list("pk", flat=True)) == by_page, who
        allowed += len(by_page)
    assert allowed > 10


def test_no_reason_no_unmasking_and_no_row(cast, wish):
    called(cast)
    with pytest.raises(ReasonMissingError):
        wish("director", whole=True, reason="  ")
    with pytest.raises(NothingToUnmaskError):
        wish("supervisor", whole=True, reason="想看")
    assert not Export.objects.exists()
    with pytest.raises(IntegrityError, match="export_whole_has_reason"), transaction.atomic():
        Export.objects.filter(pk=wish("director").pk).update(whole=True)


# Approval ----------------------------------------------------------------------------------------


def test_up_to_the_limit_no_approval_is_needed_and_one_row_more_waits(cast, few, wish):
    for _number in range(2):
        called(cast)
    assert wish("director", whole=True, reason="回访").status == "waiting"
    Export.objects.all().delete()
    called(cast)
    export = written(wish("director", whole=True, reason="回访"))
    assert (export.status, export.personal_rows, export.file) == ("waiting_approval", 3, "")
    assert written(wish("director")).status == "done", "masked rows are no personal data"


def test_the_rows_of_a_day_are_counted_together(cast, few, wish):
    called(cast)
    called(cast)
    written(wish("director", whole=True, reason="回访"))
    assert wish("director", whole=True, reason="再来").status == "waiting_approval"
    later = NOW + timedelta(days=1, seconds=1)
    assert wish("director", whole=True, reason="再来", now=later).status == "waiting"


def test_rows_that_came_in_meanwhile_need_the_approval_too(cast, few, wish):
    called(cast)
    export = wish("director", whole=True, reason="回访")
    called(cast)
    called(cast)
    assert written(export).status == "waiting_approval"
    assert (export.personal_rows, export.file, export.run) == (3, "", None)


def test_the_security_administrator_approves_and_the_worker_goes_on(cast, few, wish, security):
    for _number in range(3):
        called(cast)
    export = wish("director", whole=True, reason="逐一回访")
    actions.decide(export_id=export.pk, by=security, approve=True, now=NOW)
    assert written(export).status == "done"
    assert (export.decided_by, export.personal_rows) == (security, 3)
    assert audit_of("export_approved")[-1].subject == export.number
    with pytest.raises(NotWaitingError):
        actions.decide(export_id=export.pk, by=security, approve=True, now=NOW)


def test_a_refusal_says_why(cast, few, wish, security):
    for _number in range(3):
        called(cast)
    export = wish("director", whole=True, reason="统计")
    with pytest.raises(RefusalReasonMissingError):
        actions.decide(export_id=export.pk, by=security, approve=False, decision=" ", now=NOW)
    actions.decide(export_id=export.pk, by=security, approve=False, decision="请脱敏导出", now=NOW)
    assert written(export).status == "refused"
    assert export.decision == "请脱敏导出"


@pytest.mark.parametrize("who", ["director", "supervisor", "centre", "auditor", "admin", "neighbour"])
def test_nobody_else_decides(cast, few, wish, who):
    for _number in range(3):
        called(cast)
    export = wish("director", whole=True, reason="回访")
    with pytest.raises(Http404):
        actions.decide(export_id=export.pk, by=getattr(cast, who), approve=True, now=NOW)


def test_nobody_approves_their_own(cast, few, wish, security):
    for _number in range(3):
        called(cast)
    export = wish("director", whole=True, reason="回访")
    Export.objects.filter(pk=export.pk).update(user=security)
    with pytest.raises(OwnExportError):
        actions.decide(export_id=export.pk, by=security, approve=True, now=NOW)
    with pytest.raises(IntegrityError, match="export_not_approved_by_asker"), transaction.atomic():
        Export.objects.filter(pk=export.pk).update(decided_by=security)


# The audit log ------------------------------------------------------------------------------------


def test_every_act_about_an_export_is_in_the_audit_log_without_what_was_searched_for(cast, made):
    called(cast)
    drain()
    export = made("director", query=f"q={PHONE}&state=handling", whole=True, reason="回访")
    actions.fetch(export_id=export.pk, user=cast.director, now=NOW)
    asked, fetched = audit_of("export")[-1], audit_of("export_fetched")[-1]
    assert (asked.actor, asked.subject, fetched.subject) == (cast.director, export.number, export.number)
    assert asked.detail["state"] == "handling" and asked.detail["reason"] == "回访"
    assert fetched.detail["sha256"] == export.sha256
    assert PHONE not in str([entry.detail for entry in AuditEntry.objects.all()])


def test_a_refused_wish_has_a_stable_code():
    codes = [kind.code for kind in ExportError.__subclasses__()]
    assert len(codes) == len(set(codes)) and "refused" not in codes
