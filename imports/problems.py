"""The words of every problem a list can have: those of its cells, and those of what it says."""

from django.utils.translation import gettext_lazy as _

from grid_platform.sheets.problems import WORDS as OF_CELLS
from grid_platform.sheets.problems import Problem

WORDS = OF_CELLS | {
    "unknown_unit": (
        _("No organisation of the district has this code."),
        _("Look the code up in the list of organisations, or load the organisation first."),
    ),
    "unknown_area": (
        _("No area of the district has this code."),
        _("Look the code up in the map's list, or load the area first."),
    ),
    "unknown_department": (
        _("No department of the district has this code."),
        _("Look the code up in the list of organisations, or load the department first."),
    ),
    "unknown_category": (
        _("No category has the first three digits of this code."),
        _("Correct the code, or load the category first."),
    ),
    "unknown_item": (
        _("No item of the checklist begins with this."),
        _("Look the code up in the checklist and correct it."),
    ),
    "unknown_period": (
        _("The district has no key period of this name."),
        _("Correct the name, or add the key period first."),
    ),
    "unknown_parent": (
        _("The upper organisation is neither in this file nor in the district."),
        _("Correct the code, or add a row for it."),
    ),
    "cycle": (
        _("The upper organisations lead back to this one: %(chain)s."),
        _("Name another upper organisation, or none."),
    ),
    "wrong_level": (
        _("An organisation of this kind stands in an area of the level: %(levels)s."),
        _("Name an area of that level, or choose another kind."),
    ),
    "kind_fixed": (
        _("It is there as another kind of organisation, and people and events hang on it."),
        _("End that one and begin a new one under another code."),
    ),
    "open_work": (
        _("It has %(count)s open events in hand, so it cannot end."),
        _("Let its work be handed over or closed first."),
    ),
    "half_a_post": (
        _("A post needs both, the organisation and the role."),
        _("Fill in the other, or empty both for an account without a post."),
    ),
    "wrong_post": (
        _("An organisation of this kind has no such post."),
        _("Choose a role that this kind of organisation has."),
    ),
    "contradiction": (
        _("Row %(other)s says otherwise about the same one: %(value)s."),
        _("Make both rows say the same."),
    ),
    "username_taken": (
        _("Somebody of another district has this user name."),
        _("Choose another user name."),
    ),
    "other_name": (
        _("%(name)s has this user name already."),
        _("Choose another user name. To rename that person, load a row of theirs with the new name first."),
    ),
    "own_account": (
        _("This is your own account."),
        _("Leave the row out: another administrator must do that."),
    ),
    "separated_posts": (
        _("Nobody may be two of system, security and audit administrator at a time."),
        _("Appoint a different person."),
    ),
    "post_has_begun": (
        _("The post began on %(day)s, and that stays."),
        _("Empty the cell, or end the post and begin it anew in another file."),
    ),
    "ends_before_it_begins": (_("The last day lies before the first."), _("Swap or correct the days.")),
    "already_judged": (
        _("Events since that day were judged by the version in force."),
        _("Choose a later day from which the list holds, tomorrow at the earliest."),
    ),
    "critical_self_handled": (
        _("A critical matter is never closed on the spot."),
        _("Write no here, or choose another urgency."),
    ),
    "other_category": (
        _("The code belongs to another one: %(value)s."),
        _("Correct the code, or empty this cell."),
    ),
    "window": (_("A time of day needs a beginning and another end."), _("Fill in both, or neither.")),
    "level_and_desk": (_("A level and a desk are both named."), _("Name one of the two.")),
    "decides_nothing": (
        _("The rule decides nothing."),
        _("Name a level, a desk, a lead or a shorter limit."),
    ),
    "ambiguous_name": (
        _("The district has more than one rule of this name."),
        _("Give one of them another name on the page of the rules first."),
    ),
    "not_a_desk": (
        _("This organisation is no desk."),
        _("Name a centre, a command room or a community desk."),
    ),
    "half_a_point": (_("A point needs both longitude and latitude."), _("Fill in both, or neither.")),
    "nowhere": (
        _("Neither a point nor an area says where it is."),
        _("Fill in longitude and latitude, or the code of its area."),
    ),
    "outside_district": (
        _("The point lies outside the district."),
        _("Correct the point: are longitude and latitude swapped, is the datum the right one?"),
    ),
    "other_area": (
        _("The point lies in the area %(found)s, not in the one that is named."),
        _("Correct the point or the area, or leave the area empty: it follows from the point."),
    ),
    "unknown_place": (
        _("The upper place is neither in this file nor in the address book."),
        _("Correct the code, or add a row for it."),
    ),
    "circle_of_places": (
        _("The upper places lead back to this one."),
        _("Name another upper place, or none."),
    ),
    "personal_data": (
        _("This looks like a phone or an identity number. The address book holds no personal data."),
        _("Take the number out."),
    ),
    "not_a_point": (
        _("The place has no point as its geometry."),
        _("Export the places as points, with longitude and latitude."),
    ),
    "ends_before": (_("It ends before it begins."), _("Correct one of the two days.")),
    "day_is_over": (_("What has been decided already stays."), _("Choose today or a later day.")),
}


def reason(problem: Problem) -> str:
    return str(WORDS[problem.code][0]) % problem.params


def advice(problem: Problem) -> str:
    return str(WORDS[problem.code][1]) % problem.params
