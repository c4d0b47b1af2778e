"""The plans to read: by everybody of the district, each in every version."""

import pytest

from incidents.plans import DATA, load_plans


@pytest.mark.parametrize("who", ["admin", "director", "worker"])
def test_everybody_of_the_district_reads_a_plan_and_its_checklist(cast, enter, who):
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
