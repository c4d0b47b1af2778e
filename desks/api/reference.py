"""What the district consists of: its checklist, its areas, its organisations. No event is in it."""

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Organization
from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.etags import cached, etag_of, is_known, not_modified
from desks.api.pages import CodePages, page_shape
from desks.api.reading import actor_of, wrong
from desks.api.reference_shapes import (
    AreaDetailSerializer,
    AreaSerializer,
    BoundariesSerializer,
    ItemSerializer,
    ItemVersionSerializer,
    OrganizationSerializer,
    PlaceSerializer,
)
from desks.places import path_of
from dispatch.errors import NotFoundError
from events.catalogue import items_on, versions
from grids import locate as location
from grids.models import Area, Boundary
from grids.queries import boundaries

LEVEL = OpenApiParameter("level", str, enum=Area.Level.values)


@extend_schema(
    operation_id="items_list",
    summary=gettext_lazy("List the checklist"),
    description=gettext_lazy("The items valid today, or on another day; unchanged until the list is (ETag)."),
    parameters=[OpenApiParameter("as_of", OpenApiTypes.DATE)],
    responses={200: ItemSerializer(many=True), 304: None},
    examples=[examples.ITEM],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def items(request: Request) -> Response:
    district, today = actor_of(request).district, timezone.localdate()
    day = _day(request.GET.get("as_of")) or today
    etag = etag_of("items", district.pk, district.catalogue_version, get_language(), day)
    if is_known(request, etag):
        return not_modified(etag)
    return Response(ItemSerializer(items_on(district, day), many=True).data, headers=cached(etag))


def _day(text: str | None):
    try:
        day = parse_date(text) if text else None
    except ValueError:
        day = None
    if text and not day:
        raise wrong("as_of", "invalid", _("as_of must be a day, such as 2018-07-01."))
    return day


@extend_schema(
    operation_id="items_read",
    summary=gettext_lazy("Read an item with its versions"),
    description=gettext_lazy(
        "Oldest first; each is valid from its first day up to, not including, its last."
    ),
    responses=ItemVersionSerializer(many=True),
    examples=[examples.ITEM_VERSION],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def item(request: Request, code: str) -> Response:
    known = versions(actor_of(request).district).get(code)
    if not known:
        raise NotFoundError(_("There is no item with this code. Choose one from the list."))
    return Response(ItemVersionSerializer(known, many=True).data)


@extend_schema(
    operation_id="areas_list",
    summary=gettext_lazy("List areas"),
    description=gettext_lazy("Directly below an area, the district without one."),
    parameters=[OpenApiParameter("parent", str, description=gettext_lazy("Code of an area"))],
    responses=AreaSerializer(many=True),
    examples=[examples.AREA],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def areas(request: Request) -> Response:
    district = actor_of(request).district
    parent = request.GET.get("parent") or district.pk
    if not _is_code(parent):
        raise _no_area()
    rows = Area.objects.filter(district=district, parent__code=parent).valid_on(timezone.localdate())
    return Response(AreaSerializer(rows, many=True).data)


@extend_schema(
    operation_id="areas_read",
    summary=gettext_lazy("Read an area with its boundary"),
    description=gettext_lazy("Old areas too, with what went into them; the boundary is GeoJSON in WGS84."),
    responses=AreaDetailSerializer,
    examples=[examples.AREA_DETAIL],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def area(request: Request, code: str) -> Response:
    found = Area.objects.filter(district=actor_of(request).district, code=code if _is_code(code) else "")
    row = found.select_related("parent").prefetch_related("predecessors").first()
    if row is None:
        raise _no_area()
    # The one in force, of an old area the last one.
    boundary = Boundary.objects.filter(area=row).order_by("valid_from").last()
    return Response(AreaDetailSerializer(row, context={"boundary": boundary}).data)


def _is_code(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _no_area() -> NotFoundError:
    return NotFoundError(_("There is no such place in the district. Choose one from the list."))


@extend_schema(
    operation_id="areas_boundaries",
    summary=gettext_lazy("Read boundaries"),
    description=gettext_lazy(
        "GeoJSON of the areas of a level within a code; unchanged until they are (ETag)."
    ),
    parameters=[OpenApiParameter("within", str), LEVEL],
    responses={200: BoundariesSerializer, 304: None},
    examples=[examples.BOUNDARIES],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def area_boundaries(request: Request) -> Response:
    district = actor_of(request).district
    within = request.GET.get("within") or district.pk
    level = request.GET.get("level") or Area.Level.GRID
    if not (within.startswith(district.pk) and _is_code(within)) or level not in Area.Level.values:
        raise _no_area()
    etag = etag_of(
        "boundaries", within, level, district.boundary_version, get_language(), timezone.localdate()
    )
    if is_known(request, etag):
        return not_modified(etag)
    return Response(boundaries(district, within, level, digits=5), headers=cached(etag))


@extend_schema(
    operation_id="areas_locate",
    summary=gettext_lazy("Find the grid of a point"),
    description=gettext_lazy("Of WGS84 degrees."),
    parameters=[
        OpenApiParameter("longitude", float, required=True),
        OpenApiParameter("latitude", float, required=True),
    ],
    responses=PlaceSerializer,
    examples=[examples.PLACE],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ, TokenScope.REPORT)])
def locate(request: Request) -> Response:
    district = actor_of(request).district
    try:
        place = location.locate(district, float(request.GET["longitude"]), float(request.GET["latitude"]))
    except (KeyError, ValueError):
        message = _("Give longitude and latitude in degrees.")
        raise wrong("longitude", "invalid_point", message) from None
    path = path_of(district, place.area_code)
    return Response(PlaceSerializer(place, context={"path": path}).data)


@extend_schema(
    operation_id="organizations_list",
    summary=gettext_lazy("List organisations"),
    description=gettext_lazy(
        "Those at work: desks, teams, agencies and departments, in the order of their codes."
    ),
    parameters=[
        OpenApiParameter("kind", str, enum=Organization.Kind.values),
        OpenApiParameter("area", str, description=gettext_lazy("Code of an area: within it")),
        *CodePages.parameters,
    ],
    responses=page_shape(OrganizationSerializer),
    examples=[examples.ORGANIZATION],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def organizations(request: Request) -> Response:
    rows = (
        Organization.objects.active()
        .filter(district=actor_of(request).district)
        .select_related("area", "parent")
    )
    if kind := request.GET.get("kind"):
        if kind not in Organization.Kind.values:
            raise wrong("kind", "invalid_choice", _("There is no such kind of organisation."))
        rows = rows.of_kind(kind)
    if within := request.GET.get("area"):
        if not _is_code(within):
            raise _no_area()
        rows = rows.filter(area__in=Area.objects.within(within))
    pages = CodePages()
    shown = pages.paginate_queryset(rows, request) or []
    return pages.get_paginated_response(OrganizationSerializer(shown, many=True).data)


@extend_schema(
    operation_id="organizations_read",
    summary=gettext_lazy("Read an organisation"),
    responses=OrganizationSerializer,
    examples=[examples.ORGANIZATION],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def organization(request: Request, code: str) -> Response:
    rows = Organization.objects.filter(district=actor_of(request).district).select_related("area", "parent")
    found = rows.filter(code=code).first() if "\x00" not in code else None
    if found is None:
        raise NotFoundError(_("There is no such organisation in the district."))
    return Response(OrganizationSerializer(found).data)
