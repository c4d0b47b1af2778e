"""The rates, as the rates page shows them."""

from typing import get_args

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api.reading import person_of
from dispatch.errors import InputError
from supervision.cuts import CUTS
from supervision.forms import PRESETS
from supervision.tables import FilterError, Kind, rates_table

EXAMPLE = OpenApiExample(
    "凯旋街道",
    {
        "title": "结案率",
        "columns": [
            {"key": "key", "label": "编码", "kind": "text"},
            {"key": "name", "label": "街道", "kind": "text"},
            {"key": "closed", "label": "已结案", "kind": "count"},
            {"key": "should_close", "label": "应结案", "kind": "count"},
            {"key": "closure_rate", "label": "结案率", "kind": "percent"},
        ],
        "rows": [["330104005", "凯旋街道", 38, 40, "95.00"], ["", "合计", 38, 40, "95.00"]],
    },
    response_only=True,
)


class ColumnSerializer(serializers.Serializer):
    """``kind`` of its cells; a number with decimals comes as a text, null is no data."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(get_args(Kind))


class TableSerializer(serializers.Serializer):
    """Cells of a row stand in the order of the columns; the last row is the total, its key ''."""

    title = serializers.CharField()
    columns = ColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.ListField(child=serializers.JSONField()))


@extend_schema(
    operation_id="rates_read",
    summary=_("Read rates"),
    description=_("The figures of the rates page for the same filters; for who supervises an area."),
    parameters=[
        OpenApiParameter("period", str, enum=list(PRESETS)),
        OpenApiParameter("from", OpenApiTypes.DATE, description=_("Instead of period")),
        OpenApiParameter("to", OpenApiTypes.DATE, description=_("Instead of period")),
        OpenApiParameter("group", str, enum=list(CUTS)),
        OpenApiParameter("area", str, description=_("Code of an area: within it")),
    ],
    responses=TableSerializer,
    examples=[EXAMPLE],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.RATES)])
def rates(request: Request) -> Response:
    try:
        table = rates_table(person_of(request), request.GET, now=timezone.now())
    except FilterError as error:
        raise InputError(fields=error.fields) from None
    return Response(TableSerializer(table).data)
