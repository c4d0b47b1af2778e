"""The inbox: what one was told, how much of it is unread, and that it was read."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.inbox_shapes import MarkedSerializer, NoticeSerializer, ReadSerializer, UnreadSerializer
from desks.api.pages import PARAMETERS, page_shape
from desks.api.reading import BoundedJSONParser, actor_of, body_of, checked, person_of, wrong
from dispatch.errors import NotFoundError
from inbox import actions, queries
from inbox.models import Notice


@extend_schema(
    operation_id="inbox_list",
    summary=gettext_lazy("List the inbox"),
    description=gettext_lazy("The newest first: unread ones, or all of the last 30 days."),
    parameters=[
        OpenApiParameter("show", str, enum=["all"]),
        OpenApiParameter("about", str, enum=["own"], description=gettext_lazy("My own reports")),
        OpenApiParameter("urgency", str, enum=["critical"]),
        PARAMETERS[0],
    ],
    responses=page_shape(NoticeSerializer),
    examples=[examples.NOTICE],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.INBOX)])
def inbox(request: Request) -> Response:
    """As the page, with the same filters; a cursor goes forwards only."""
    actor = actor_of(request)
    page = queries.page_of(
        person_of(request),
        now=timezone.now(),
        everything=request.GET.get("show") == "all",
        own=request.GET.get("about") == "own",
        critical=request.GET.get("urgency") == "critical",
        after=request.GET.get("cursor", ""),
    )
    after = replace_query_param(request.build_absolute_uri(), "cursor", page.after) if page.after else None
    rows = NoticeSerializer(page.rows, many=True, context={"actor": actor}).data
    return Response({"next": after, "previous": None, "results": rows})


@extend_schema(
    operation_id="inbox_unread",
    summary=gettext_lazy("Count what is unread"),
    description=gettext_lazy("Up to 100, which stands for 100 or more."),
    responses=UnreadSerializer,
    examples=[examples.UNREAD],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.INBOX)])
def unread(request: Request) -> Response:
    return Response({"unread": queries.unread_count(person_of(request), now=timezone.now())})


@extend_schema(
    operation_id="inbox_mark_read",
    summary=gettext_lazy("Mark as read"),
    description=gettext_lazy("One notice by its id, or all that were there at an instant."),
    request=ReadSerializer,
    responses=MarkedSerializer,
    examples=[examples.READ_ONE, examples.READ_ALL, examples.MARKED],
)
@api_view(["POST"])
@permission_classes([needs(TokenScope.INBOX)])
@parser_classes([BoundedJSONParser])
def read(request: Request) -> Response:
    asked, now = checked(ReadSerializer(data=body_of(request))), timezone.now()
    if ("notice" in asked) == ("until" in asked):
        raise wrong("notice", "one_of_two", _("Name either one notice or an instant (until)."))
    if "until" in asked:
        return Response(
            {"marked": actions.mark_all_read(user=person_of(request), until=asked["until"], now=now)}
        )
    try:
        actions.mark_read(user=person_of(request), notice_id=asked["notice"], now=now)
    except Notice.DoesNotExist:
        raise NotFoundError(_("There is no such notice for you.")) from None
    return Response({"marked": 1})
