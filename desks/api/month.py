"""One's own month."""

from datetime import date

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.reading import person_of, wrong
from desks.month import month_of

YEARS = range(2000, 3000)


class MonthSerializer(serializers.Serializer):
    """Of one's own reports of the month: closed, open, rejected and merged add up to reported; self_closed are among
    the closed ones; answers_waiting have an answer not yet read. checks_done: reports, results and samples looked at."""

    month = serializers.CharField()
    reported = serializers.IntegerField()
    closed = serializers.IntegerField()
    open = serializers.IntegerField()
    rejected = serializers.IntegerField()
    merged = serializers.IntegerField()
    self_closed = serializers.IntegerField()
    checks_done = serializers.IntegerField()
    answers_waiting = serializers.IntegerField()


@extend_schema(
    operation_id="month_read",
    summary=gettext_lazy("Read my month"),
    description=gettext_lazy("One's own numbers, for oneself alone: nobody else's, and no comparison."),
    parameters=[
        OpenApiParameter(
            "month",
            {"type": "string", "pattern": r"^\d{4}-\d{2}$"},
            description=gettext_lazy("This one without it"),
        )
    ],
    responses=MonthSerializer,
    examples=[examples.MONTH],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def month(request: Request) -> Response:
    now = timezone.now()
    first = _first_day(request.GET.get("month") or f"{timezone.localtime(now):%Y-%m}")
    return Response(MonthSerializer(month_of(person_of(request), first, now=now)).data)


def _first_day(text: str) -> date:
    try:
        day = parse_date(f"{text}-01") if len(text) == 7 and text.isascii() else None
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise wrong("month", "invalid", _("month must be a month, such as 2018-07."))
    return day
