"""Words of what an item's columns hold as codes: the circles of prevention and the lists it is modelled on."""

from django.utils.translation import gettext_lazy as _

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
