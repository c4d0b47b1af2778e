"""What an item of the checklist says, as columns: one table for Excel files, the page of an item and its form."""

from django.utils.translation import gettext_lazy as _

from events.models import Evidence, Item, Level, Platform, Urgency
from grid_platform.sheets.columns import Column, Kind

CIRCLES = {
    "residential": _("residential areas"),
    "campus": _("campuses"),
    "enterprise": _("enterprises"),
    "public_place": _("public places"),
    "internet": _("internet"),
}
SOURCES = {
    "ZZ_GBT31000": _("public-security governance data"),
    "RM_DISPUTE": _("kinds of people's mediation"),
    "GB30428_EVENT": _("digital city management, events"),
    "GB30428_COMPONENT": _("digital city management, components"),
    "HOTLINE_12345": _("hotline 12345"),
    "HOTLINE_12315": _("hotline 12315"),
    "SAFETY_HAZARD": _("hazards of work safety"),
    "IOT_COMPOSED": _("sensors, composed here"),
    "LOCAL_COMPOSED": _("composed here"),
    "EPIDEMIC_EXT": _("epidemic work of 2020"),
}
REQUIRED = [choice for choice in Evidence.Kind.choices if choice[0] not in Evidence.RECORDED]
"""Kinds of evidence an item may ask for."""
COLUMNS = (
    Column("code", _("Item code"), _("Five digits; the first three are the category's."), Kind.CODE,
           required=True, form=r"[0-9]{5}", example="10101"),
    Column("platform", _("Platform"), _("To read by; the code decides."), Kind.CHOICE, keeps=True,
           choices=Platform.choices, example="综治工作"),
    Column("category", _("Category"), _("The category's Chinese name, to read by; the code decides."), keeps=True,
           example="社会治安"),
    Column("name_zh", _("Chinese name"), _("As it is shown."), required=True, example="打架斗殴及扰乱秩序"),
    Column("name_en", _("English name"), _("Shown in English; empty: stays as it is."), keeps=True,
           example="Fighting or public disorder"),
    Column("source_list", _("Modelled on"), _("The list it was taken from."), Kind.CODE, keeps=True, longest=30,
           offered=tuple(SOURCES), example="ZZ_GBT31000"),
    Column("urgency", _("Urgency"), _("How urgent a report of it is unless the desk raises it."), Kind.CHOICE,
           required=True, choices=Urgency.choices, example="特急"),
    Column("self_handle", _("Closed on the spot"), _("Whether a simple matter may be closed on the spot or at the desk; never a critical one."),
           Kind.YES_NO, required=True, example="no"),
    Column("accept_minutes", _("Minutes to accept"), _("Day and night where the unit is hours, day and night; else working time."),
           Kind.NUMBER, required=True, least=1, most=10_000, example="5"),
    Column("dispatch_minutes", _("Minutes to dispatch"), _("Counted like the minutes to accept."),
           Kind.NUMBER, required=True, least=1, most=10_000, example="5"),
    Column("handle_limit", _("Limit"), _("How many of the unit in the next column the lead has."), Kind.NUMBER,
           required=True, least=1, most=1_000, example="1"),
    Column("limit_unit", _("Unit of the limit"), _("What the limit counts."), Kind.CHOICE, required=True,
           choices=Item.LimitUnit.choices, example="calendar_hours"),
    Column("lead_department", _("Responsible department"), _("The code of the competent department."), Kind.CODE,
           required=True, longest=20, example="GAFJ"),
    Column("assist_departments", _("Assisting departments"), _("Their codes, separated by spaces."), Kind.TEXTS,
           longest=20, example="ZFW SFJ"),
    Column("level", _("Level"), _("The lowest level that normally closes it."), Kind.CHOICE, required=True,
           choices=Level.choices, example="street"),
    Column("evidence", _("Evidence"), _("In a sheet with semicolons between; the photo before belongs to the report, the rest to the feedback."),
           Kind.CHOICES, choices=REQUIRED, example="before_photo;after_photo"),
    Column("keywords", _("Keywords"), _("Separated by spaces; found inside what a reporter writes."), Kind.TEXTS,
           longest=20, example="打架 斗殴 闹事"),
    Column("is_safety_list", _("Safety hazard"), _("Whether it is one of the hazards to look for."), Kind.YES_NO,
           required=True, example="no"),
    Column("circle", _("Circle"), _("The circle of prevention it belongs to, if any."), Kind.CHOICE,
           choices=tuple(CIRCLES.items()), example="public_place"),
    Column("sensitive", _("Sensitive"), _("Whether only those at work on its events may read them."), Kind.YES_NO,
           required=True, example="no"),
    Column("desk_checked", _("Checked by the desk"), _("Whether the desk checks the result, never somebody at the door; empty: as it is, or by the category."),
           Kind.YES_NO, keeps=True, example="no"),
)  # fmt: skip
