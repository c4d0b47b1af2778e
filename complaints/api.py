"""The complaint box for the phone: write a complaint, read one's own with their answers, put an answer away."""

import uuid

from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from complaints import actions, api_examples, queries
from complaints.api_shapes import ComplainSerializer, ComplaintPageSerializer, ComplaintSerializer
from desks.api.pages import InstantPages
from desks.api.reading import BoundedJSONParser, body_of, checked, person_of


class ComplaintPages(InstantPages):
    """The newest first."""

    ordering = ("-at", "-id")


@extend_schema(
    methods=["GET"],
    operation_id="complaints_list",
    summary=gettext_lazy("List my complaints about this product"),
    description=gettext_lazy(
        "Your own, the newest first, with their answers; unread: answers not put away yet."
    ),
    parameters=ComplaintPages.parameters,
    responses=ComplaintPageSerializer,
    examples=[api_examples.COMPLAINTS],
)
@extend_schema(
    methods=["POST"],
    operation_id="complaints_complain",
    summary=gettext_lazy("Complain about this product"),
    description=gettext_lazy(
        "The system administrator of the district reads and answers it. The id is a UUID you make: the same again gets "
        "the stored complaint with 200, other content under it is refused with 409 (different_content). While 20 of "
        "yours wait for an answer, more are refused with 409 (too_many_open)."
    ),
    request=ComplainSerializer,
    responses={200: ComplaintSerializer, 201: ComplaintSerializer},
    examples=[api_examples.COMPLAIN, api_examples.COMPLAINT],
)
@api_view(["GET", "POST"])
@permission_classes([needs(TokenScope.INBOX, POST=(TokenScope.REPORT,))])
@parser_classes([BoundedJSONParser])
def complaints(request: Request) -> Response:
    person = person_of(request)
    if request.method == "POST":
        asked = checked(ComplainSerializer(data=body_of(request)))
        made, is_new = actions.complain(
            author=person, key=asked["id"], text=asked["text"], app=asked["app"], now=timezone.now()
        )
        body = ComplaintSerializer(made).data
        return Response(body, status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
    pages = ComplaintPages()
    rows = pages.paginate_queryset(queries.own(person), request) or []
    response = pages.get_paginated_response(ComplaintSerializer(rows, many=True).data)
    response.data["unread"] = queries.unread(person)
    return response


@extend_schema(
    operation_id="complaints_close",
    summary=gettext_lazy("Close one of my complaints"),
    description=gettext_lazy(
        "The answer is read, or none is needed any more. Closing it again changes nothing."
    ),
    request=None,
    responses=ComplaintSerializer,
    examples=[api_examples.COMPLAINT],
)
@api_view(["POST"])
@permission_classes([needs(TokenScope.REPORT)])
@parser_classes([BoundedJSONParser])
def close(request: Request, complaint_id: uuid.UUID) -> Response:
    return Response(ComplaintSerializer(actions.close(complaint_id=complaint_id, by=person_of(request))).data)
