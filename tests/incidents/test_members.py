"""Reports come into an incident and leave it by steps of their own."""

import uuid

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from dispatch import outbox
from dispatch.errors import MoveError
from events.models import State
from inbox.models import Notice
from incidents.actions import gather
from incidents.errors import TooManyAtOnceError
from incidents.models import Incident, LogEntry, Membership, Plan
from incidents.plans import load_plans
from tests.cast import COMMUNITY, MONDAY, Story, story_at
from tests.incidents.conftest import gathered, opened


def test_an_incident_opens_with_the_plans_checklist(cast, flood):
    assert flood.number == "ZX2019030401"
    assert [task.position for task in flood.tasks.all()] == list(range(1, 9))
    assert (flood.tasks.first().due - MONDAY).total_seconds() == 15 * 60
    assert flood.items == ["30605", "30606", "30603"]
    assert opened(cast).number == "ZX2019030402"


def test_a_report_joins_by_a_step_and_its_lead_is_told(cast, flood):
    story = story_at(cast, State.HANDLING)
    version = story.event.version

    assert gathered(cast, flood, story) == {story.id: ""}

    assert (story.last.verb, story.last.params["incident"]) == ("join_incident", flood.number)
    assert story.texts == {"reason": "Same water"}
    assert "in_incident" in story.event.flags and story.event.version == version
    assert story.event.item.code in Incident.objects.get(pk=flood.pk).items
    outbox.drain()
    told = Notice.objects.filter(event=story.id, step__verb="join_incident")
    assert set(told.values_list("kind", flat=True)) == {"lead", "assistants"}
    assert gathered(cast, flood, story) == {story.id: ""}, "sent twice it is the same"
    assert Membership.objects.filter(event=story.id).count() == 1


def test_each_refusal_is_told_by_its_code_and_stops_no_other(cast, flood):
    other = opened(cast)
    in_other, closed, good = story_at(cast, State.ACCEPTED), story_at(cast, State.CLOSED), Story(cast)
    gathered(cast, other, in_other)
    elsewhere = Story(cast).report("next_worker", area_code="330104006001001").route()
    good.report().route()

    codes = gathered(cast, flood, in_other, closed, elsewhere, good)

    assert codes == {
        in_other.id: "in_an_incident",
        closed.id: "wrong_state",
        elsewhere.id: "not_found",
        good.id: "",
    }


@pytest.mark.parametrize(
    ("who", "code"),
    [("police", "not_found"), ("neighbour", "not_found"), ("worker", "not_found"), ("centre", "not_the_command"),
     ("supervisor", "not_the_command"), ("dispatcher", "")],
)  # fmt: skip
def test_only_the_command_gathers(cast, flood, who, code):
    story = Story(cast).report().route()
    if not code:
        assert gathered(cast, flood, story, by=who) == {story.id: ""}
        return
    with pytest.raises(MoveError) as refused:
        gathered(cast, flood, story, by=who)
    assert refused.value.code in {code, "no_such_incident"}


def test_more_than_two_hundred_at_once_are_refused_and_none_is_left_out_silently(cast, flood):
    keys = [uuid.uuid4() for _ in range(201)]
    with pytest.raises(TooManyAtOnceError):
        gather(actor=cast.actor("director"), incident_id=flood.pk, event_ids=keys, reason="x", now=MONDAY)
    assert (
        len(
            gather(
                actor=cast.actor("director"), incident_id=flood.pk, event_ids=keys[1:], reason="x", now=MONDAY
            )
        )
        == 200
    )


def test_the_hundredth_incident_of_a_day_is_followed_by_another(cast, flood):
    Incident.objects.filter(pk=flood.pk).update(number=f"{flood.number[:-2]}99")
    assert opened(cast).number == f"{flood.number[:-2]}100"
    assert opened(cast).number == f"{flood.number[:-2]}101"


def test_who_commands_no_incident_of_that_number_is_refused(cast, flood):
    story = Story(cast).report().route()
    assert story.refused("join_incident", "director", incident="ZX1", reason="x") == "no_such_incident"
    assert story.refused("join_incident", "centre", incident=flood.number, reason="x") == "no_such_incident"
    assert story.refused("join_incident", "director", reason="x") == "incident:required"


def test_the_room_gathers_what_a_community_desk_decides_about(cast, flood):
    story = Story(cast, "10501").report().route()
    assert story.event.desk.code == f"COMMUNITY@{COMMUNITY}"
    assert gathered(cast, flood, story) == {story.id: ""}


def test_an_event_leaves_and_may_join_another(cast, flood):
    story = Story(cast).report().route()
    gathered(cast, flood, story)

    story.wait(minutes=5).leave_incident("director", reason="Another matter")

    assert "in_incident" not in story.event.flags
    row = Membership.objects.get(event=story.id)
    assert (row.left_at, row.left_by, row.open_when_left, row.at_the_end) == (
        story.now,
        cast.director,
        True,
        False,
    )
    assert story.refused("leave_incident", "director", reason="x") == "not_in_an_incident"
    assert gathered(cast, opened(cast), story) == {story.id: ""}
    outbox.drain()
    assert Notice.objects.filter(event=story.id, step__verb="leave_incident", kind="desk").exists()


def test_the_database_keeps_one_open_membership_and_an_unchanged_log(cast, flood):
    story = Story(cast).report().route()
    gathered(cast, flood, story)
    row = Membership.objects.get(event=story.id)
    with pytest.raises(IntegrityError, match="event_in_one_incident"), transaction.atomic():
        Membership.objects.create(
            tenant=row.tenant,
            incident=opened(cast),
            event=row.event,
            joined_at=MONDAY,
            joined_by=cast.director,
        )
    with pytest.raises(IntegrityError, match="incident_task_not_applicable_has_reason"), transaction.atomic():
        flood.tasks.update(is_applicable=False)
    with pytest.raises(IntegrityError, match="incident_closed_at"), transaction.atomic():
        Incident.objects.filter(pk=flood.pk).update(state="closed")
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        LogEntry.objects.filter(incident=flood).update(text="Other words")


def test_the_first_report_and_the_incident_come_together_or_not_at_all(cast):
    story = Story(cast).report().route()
    assert opened(cast, first=story.id).members.get().event_id == story.id
    with pytest.raises(MoveError):
        opened(cast, first=uuid.uuid4())
    assert Incident.objects.count() == 1
    with pytest.raises(MoveError) as refused:
        opened(cast, by="police")
    assert refused.value.code == "no_command"


def test_a_changed_plan_is_a_new_version(cast, tmp_path):
    assert load_plans(district=cast.district) == 0
    file = tmp_path / "plans.toml"
    file.write_text(
        """[[plan]]
        code = "gas"
        name_zh = "燃气"
        name_en = "Gas"
        items = []
        tasks = [{zh = "通知", en = "Call", code = "GAFJ@330104003", minutes = 5}]
        """.replace("330104003", cast.actor("director").scope.posts[0].area_code),
        encoding="utf-8",
    )
    assert load_plans(district=cast.district, path=file) == 1
    new = Plan.objects.in_force(at=timezone.now()).get(code="gas")
    assert (new.version, new.tasks.get().responsible.kind) == (2, "agency")
