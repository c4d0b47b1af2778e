"""The district's numbers: the page of the system administrator, what it refuses, and what a change does."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from dispatch import policy
from dispatch.models import Setting
from dispatch.permission import allowed_actions
from dispatch.policy import NUMBERS, Policy, change_settings
from grids import memory
from tests.cast import FIRE_LANE, KITCHEN, MONDAY, POLICE, SHOP_IN_ROAD, Story

URL = "/rules/settings/"


@pytest.fixture(autouse=True)
def forget():
    """What a test changed is rolled back with its version."""
    yield
    memory.forget()


@pytest.fixture
def change(cast):
    """``change(sign_minutes={...})`` from before the stories of the cast."""

    def change_(valid_from=MONDAY - timedelta(days=30), **values):
        return change_settings(
            district=cast.district, values=values, by=cast.admin, valid_from=valid_from, now=timezone.now()
        )

    return change_


def filled(page, **change):
    """What the page's form would send, with changes."""
    form = page.context["form"]
    return (
        {field.html_name: field.value() or "" for field in form}
        | {"version": page.context["version"]}
        | change
    )


def test_the_administrator_changes_a_number_and_the_page_says_who_and_when(cast, enter):
    browser = enter("admin")
    answer = browser.post(URL, filled(browser.get(URL), **{"sign_minutes-urgent": "20"}), follow=True)
    assert "1 number changed." in answer.content.decode()
    row = Setting.objects.get()
    assert (row.name, row.value, row.changed_by) == (
        "sign_minutes",
        {"critical": 5, "urgent": 20, "normal": 120},
        cast.admin,
    )
    assert policy.of(row.district, at=timezone.now()).sign_minutes["urgent"] == 20
    page = browser.get(URL).content.decode()
    fields = [page.index(f'name="sign_minutes-{urgency}"') for urgency in ("critical", "urgent", "normal")]
    assert fields == sorted(fields), "the most urgent first, also after a change"
    assert cast.admin.display_name in page and "default 30" in page


def test_what_is_the_same_writes_nothing(enter):
    browser = enter("admin")
    browser.post(URL, filled(browser.get(URL)))
    assert not Setting.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sample_percent", "101"),
        ("hold_most_days", "0"),
        ("sign_minutes-critical", "soon"),
        ("rework_percent", ""),
        ("valid_from", "2018-01-01"),
    ],
)
def test_a_refused_number_is_marked_and_nothing_is_written(enter, field, value):
    browser = enter("admin")
    answer = browser.post(URL, filled(browser.get(URL), **{field: value}))
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == [field]
    assert not Setting.objects.exists()


def test_a_change_from_a_day_to_come_waits_for_it(cast, enter):
    day = timezone.localdate() + timedelta(days=10)
    browser = enter("admin")
    browser.post(URL, filled(browser.get(URL), sample_percent="25", valid_from=day.isoformat()))
    district = Setting.objects.get().district
    assert policy.of(district, at=timezone.now()).sample_percent == 10
    assert policy.of(district, at=timezone.now() + timedelta(days=11)).sample_percent == 25
    assert "planned" in browser.get(URL).content.decode()


def test_a_page_that_is_stale_takes_nothing_back(enter, change):
    browser = enter("admin")
    page = browser.get(URL)
    change(sample_percent=20)
    answer = browser.post(URL, filled(page, hold_most_days="90"))
    assert answer.status_code == 409 and "Look again" in answer.content.decode()
    assert [row.name for row in Setting.objects.all()] == ["sample_percent"]


@pytest.mark.parametrize("reader", ["director", "community", "centre"])
def test_desks_read_and_do_not_write(enter, reader):
    browser = enter(reader)
    page = browser.get(URL)
    assert page.status_code == 200 and "Save the changes" not in page.content.decode()
    assert browser.post(URL, filled(page, sample_percent="25")).status_code == 403
    assert not Setting.objects.exists()


@pytest.mark.parametrize("other", ["worker", "police", "housing"])
def test_others_are_refused(enter, other):
    assert enter(other).get(URL).status_code == 403


def test_every_number_has_its_words_and_lies_inside_its_bounds():
    defaults = vars(Policy())
    assert defaults.keys() == NUMBERS.keys()
    for name, number in NUMBERS.items():
        values = defaults[name] if isinstance(defaults[name], dict) else {"": defaults[name]}
        assert all(number.least <= value <= number.most for value in values.values()), name


def test_a_number_out_of_its_bounds_is_refused_by_the_verb_too(change):
    with pytest.raises(ValueError, match="sample_percent"):
        change(sample_percent=200)


def test_the_history_refuses_to_be_changed(change):
    change(sample_percent=20)
    for act in (lambda: Setting.objects.update(value=1), lambda: Setting.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


# What a number does ---------------------------------------------------------------------------------


def test_signing_and_accepting_take_the_districts_minutes(cast, change):
    change(
        sign_minutes={"critical": 5, "urgent": 12, "normal": 90}, desk_minutes={"critical": 5, "urgent": 8}
    )
    urgent = Story(cast, FIRE_LANE).report()
    assert urgent.running["accept"] == "Mon 03-04 09:08"
    story = Story(cast, KITCHEN).report().route().accept().dispatch(lead=POLICE)
    assert story.running["sign"] == "Mon 03-04 10:30"


def test_a_change_moves_no_whole_deadline_that_was_told(cast, change):
    story = Story(cast).report().route()
    before = story.running["whole"]
    change(check_limit_minutes=240, valid_from=MONDAY + timedelta(minutes=1))
    assert Story(cast).report().running["whole"] == before
    assert Story(cast, at=MONDAY + timedelta(minutes=2)).report().running["whole"] != before
    assert story.running["whole"] == before


def test_the_return_window_and_the_second_return(cast, change):
    change(
        return_window_minutes={"critical": 1, "urgent": 1, "normal": 10},
        returns_to_district=1,
        refuse_return_minutes={"critical": 5, "urgent": 5, "normal": 5},
    )
    story = Story(cast, KITCHEN).report().route().accept().dispatch(lead=POLICE).sign()
    assert "return" in offered(story, "police")
    assert "return" not in offered(story.wait(minutes=11), "police")
    other = Story(cast).report().route().accept().dispatch(lead=POLICE)
    other.return_(reason="not_our_duty", explanation="Not us")
    assert other.event.desk.kind == "centre"


def test_a_rework_gets_the_districts_share_of_the_limit(cast, change):
    change(rework_percent=75, reworks_to_next_level=1)
    story = Story(cast, SHOP_IN_ROAD).report().route().accept().dispatch(lead=POLICE).sign().feed_back()
    story.rework(missing="More")
    assert story.event.desk.kind == "centre"
    assert story.running["handle"] == "Mon 03-04 12:00"


def offered(story, by):
    return {verb.code for verb in allowed_actions(story.situation(by))}


def test_the_address_is_where_the_navigation_says():
    assert reverse("rules:settings") == URL
