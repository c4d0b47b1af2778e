"""The plans to read, by who may meet an incident, each in every version; and to change, by who keeps the rules."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from incidents.models import Plan
from incidents.plans import DATA, load_plans
from tests.cast import POLICE
from tests.incidents.conftest import opened

CHANGE, NEW, LIST = "/incidents/plans/flooding/change/", "/incidents/new-plan/", "/incidents/plans/"
TASK = {"text_zh": "封路", "text_en": "Close the road", "who": "agency", "unit": "", "minutes": "30"}


def filled(*tasks: dict, **head) -> dict[str, str]:
    """What the page sends."""
    sent = {
        "name_zh": "防汛",
        "name_en": "Flood",
        "items": "30605",
        "valid_from": "",
        "rows": str(len(tasks)),
    }
    for number, task in enumerate(tasks):
        sent |= {f"task-{number}-{name}": value for name, value in (TASK | task).items()}
    return sent | head


def texts(plan: Plan) -> list[str]:
    return [task.text_zh for task in plan.tasks.all()]


def now_in_force(code: str = "flooding") -> Plan:
    return Plan.objects.in_force(at=timezone.now()).get(code=code)


@pytest.mark.parametrize("who", ["admin", "director", "worker", "police", "supervisor", "auditor"])
def test_who_may_meet_an_incident_reads_a_plan_and_its_checklist(cast, enter, who):
    client = enter(who)
    listed = client.get("/incidents/plans/")
    assert len(listed.context["plans"]) == 3 and "/incidents/plans/flooding/" in listed.content.decode()
    shown = client.get("/incidents/plans/flooding/")
    assert [line.task.position for line in shown.context["lines"]] == list(range(1, 9))
    assert "within 15 min" in shown.content.decode() and "/checklist/30605/" in shown.content.decode()


def test_a_version_that_is_over_is_still_read(cast, enter, tmp_path):
    file = tmp_path / "plans.toml"
    file.write_text((DATA / "plans.toml").read_text().replace("minutes = 15 }", "minutes = 25 }", 1))
    load_plans(district=cast.district, path=file)
    client = enter("admin")
    now = client.get("/incidents/plans/flooding/")
    assert (now.context["plan"].version, now.context["lines"][0].task.minutes) == (2, 25)
    before = client.get("/incidents/plans/flooding/?version=1")
    assert before.context["lines"][0].task.minutes == 15 and "no longer in force" in before.content.decode()
    for wrong in ("/incidents/plans/flooding/?version=3", "/incidents/plans/war/"):
        assert client.get(wrong).status_code == 404


def test_where_no_plan_is_loaded_the_page_says_so(db, cast, enter):
    cast.district.plans.all().delete()
    assert "load_plans" in enter("admin").get("/incidents/plans/").content.decode()


@pytest.mark.parametrize(
    ("who", "sees"), [("admin", True), ("police", True), ("worker", True), ("security", False)]
)
def test_the_menu_leads_to_the_plans_whoever_may_read_them(cast, enter, who, sees):
    cast.__dict__["security"] = User.objects.get(username="security")
    browser = enter(who)
    assert (LIST in browser.get("/help/").content.decode()) == sees
    answers = {browser.get(path).status_code for path in (LIST, "/incidents/plans/flooding/")}
    assert answers == ({200} if sees else {403})


# Changing ----------------------------------------------------------------------------------------


def test_another_version_holds_at_once_and_open_incidents_keep_theirs(cast, enter):
    incident = opened(cast)
    page = enter("admin").get(CHANGE).content.decode()
    assert page.count('class="plan-row"') == 8 and "核实积水点和深度" in page

    answer = enter("admin").post(
        CHANGE, filled({}, {"text_zh": "抽水", "who": "", "unit": POLICE}), follow=True
    )
    assert "The new version is saved." in answer.text
    plan = now_in_force()
    assert (plan.version, plan.name_zh, plan.items, texts(plan)) == (2, "防汛", ["30605"], ["封路", "抽水"])
    assert plan.changed_by == cast.admin and plan.tasks.all()[1].responsible.code == POLICE
    assert Plan.objects.get(code="flooding", version=1).valid_to == plan.valid_from
    assert incident.tasks.count() == 8
    assert cast.admin.display_name in answer.text, "who made the version stands beside it"
    again = enter("admin").post(
        CHANGE, filled({}, {"text_zh": "抽水", "who": "", "unit": POLICE}), follow=True
    )
    assert "the plan is so already" in again.text and Plan.objects.filter(code="flooding").count() == 2


def test_a_version_to_come_waits_for_its_day_and_gives_way_to_another(cast, enter):
    day = timezone.localdate() + timedelta(days=3)
    browser = enter("admin")
    browser.post(CHANGE, filled({}, valid_from=day.isoformat()))
    assert now_in_force().version == 1
    page = browser.get("/incidents/plans/flooding/").content.decode()
    assert "in force" in page and "to come" in page and f"{day:%Y-%m-%d} 00:00" in page
    assert "holds from" in browser.get("/incidents/plans/flooding/?version=2").content.decode()
    browser.post(CHANGE, filled({"text_zh": "疏散"}))
    assert texts(now_in_force()) == ["疏散"]
    assert Plan.objects.get(code="flooding", version=2).never_held
    assert "never in force" in browser.get("/incidents/plans/flooding/").content.decode()


def test_a_new_plan_is_offered_and_a_retired_one_no_more(cast, enter):
    browser = enter("admin")
    browser.post(NEW, filled({}, code="heat", items="", name_en="Heat wave"))
    assert now_in_force("heat").version == 1
    assert "Heat wave" in enter("director").get("/incidents/new/").content.decode()
    assert "retired" in browser.post("/incidents/plans/heat/retire/", follow=True).text
    assert "Heat wave" not in enter("director").get("/incidents/new/").content.decode()
    assert "holds no more already" in browser.post("/incidents/plans/heat/retire/", follow=True).text
    assert Plan.objects.get(code="heat").ended_by == cast.admin


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        (filled({}, name_zh=""), "id_name_zh_error", "required"),
        (filled({}, items="30605 999"), "id_items_error", "no item 999"),
        (filled({}, valid_from="2001-01-01"), "id_valid_from_error", "stays"),
        (filled({"text_zh": ""}), "id_task-0-text_zh_error", "required"),
        (filled({"minutes": "0"}), "id_task-0-minutes_error", "greater than or equal to 1"),
        (filled({"who": ""}), "id_task-0-unit_error", "not both"),
        (filled({"unit": POLICE}), "id_task-0-unit_error", "not both"),
        (filled({"who": "", "unit": "NOBODY"}), "id_task-0-unit_error", "no such organisation"),
        (filled({"who": "club"}), "id_task-0-who_error", "valid choice"),
        (filled(), "id_task-0-text_zh_error", "required"),
        (filled({}, rows="x"), "id_task-0-text_zh_error", "required"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_lost(cast, enter, sent, field, words):
    answer = enter("admin").post(CHANGE, sent)
    assert answer.status_code == 400
    assert words in answer.text.split(f'id="{field}"')[1].split("</p>")[0]
    assert 'value="Flood"' in answer.text
    assert Plan.objects.filter(code="flooding").count() == 1


def test_a_code_in_use_is_refused(cast, enter):
    answer = enter("admin").post(NEW, filled({}, code="gas"))
    assert answer.status_code == 400 and "or had it" in answer.text


def test_rows_are_arranged_without_anything_being_saved(cast, enter):
    browser, rows = enter("admin"), [{"text_zh": name} for name in ("一", "二", "三")]

    def after(act: str) -> list[str]:
        answer = browser.post(CHANGE, filled(*rows, act=act))
        assert answer.status_code == 200 and "Correct the marked" not in answer.text
        return [row["text_zh"].value() for row in answer.context["form"].rows]

    assert after("up-2") == ["一", "三", "二"]
    assert after("down-0") == ["二", "一", "三"]
    assert after("remove-1") == ["一", "三"]
    assert after("add") == ["一", "二", "三", ""]
    assert browser.post(CHANGE, filled(*rows, act="add")).text.count("autofocus") == 1
    for nothing in ("up-0", "down-2", "remove-9", "fly", "up-x"):
        assert after(nothing) == ["一", "二", "三"]
    assert Plan.objects.filter(code="flooding").count() == 1


def test_what_a_person_changed_no_file_changes_back(cast, enter):
    browser = enter("admin")
    browser.post(CHANGE, filled({}))
    browser.post("/incidents/plans/gas/retire/")
    assert load_plans(district=cast.district) == 0
    assert texts(now_in_force()) == ["封路"]
    assert not Plan.objects.in_force(at=timezone.now()).filter(code="gas").exists()


@pytest.mark.parametrize("who", ["director", "centre", "worker", "supervisor"])
def test_others_than_the_keeper_change_nothing(cast, enter, who):
    browser = enter(who)
    for path in (CHANGE, NEW):
        assert {browser.get(path).status_code, browser.post(path, filled({})).status_code} == {403}
    assert browser.post("/incidents/plans/flooding/retire/").status_code == 403
    page = browser.get("/incidents/plans/flooding/").content.decode()
    assert CHANGE not in page and "Retire" not in page
    assert Plan.objects.filter(valid_to=None).count() == Plan.objects.count() == 3


@pytest.mark.parametrize("path", ["/incidents/plans/war/change/", "/incidents/plans/war/retire/"])
def test_a_plan_that_is_not_there_is_not_found(cast, enter, path):
    assert enter("admin").post(path, filled({})).status_code == 404


@pytest.mark.parametrize(("path", "most"), [(LIST, 5), ("/incidents/plans/flooding/", 6), (CHANGE, 7)])
def test_the_pages_ask_little(cast, enter, path, most):
    browser = enter("admin")
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        browser.get(path)
    assert len(asked) <= most, [row["sql"] for row in asked]
