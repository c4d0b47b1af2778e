"""Pages of a long list by cursor: as fast on page 1,000 as on page 1, and no row twice."""

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import exceptions, serializers
from rest_framework.pagination import CursorPagination

PARAMETERS = [
    OpenApiParameter("cursor", str, description=_("From next or previous of another page")),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
]


class Pages(CursorPagination):
    """A cursor nobody was given is not found."""

    parameters = PARAMETERS
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request):
        cursor = super().decode_cursor(request)
        if cursor and cursor.position and not self.is_position(str(cursor.position)):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return cursor

    def is_position(self, text: str) -> bool:
        raise NotImplementedError


class InstantPages(Pages):
    """The nearest deadline first; stopped clocks last."""

    ordering = ("due", "id")
    offset_cutoff = 10**12
    """Any number of events may share a deadline: all closed ones do."""

    def is_position(self, text: str) -> bool:
        try:
            return parse_datetime(text) is not None
        except ValueError:
            return False


class NewestPages(Pages):
    """The newest first, by the rows' own numbers."""

    ordering = ("-id",)

    def is_position(self, text: str) -> bool:
        return text.isdecimal() and len(text) < 18


class CodePages(Pages):
    """In the order of the codes."""

    ordering = ("code",)

    def is_position(self, text: str) -> bool:
        return "\x00" not in text


def page_shape(row: type[serializers.Serializer]) -> serializers.Serializer:
    """What a page of such rows looks like."""
    fields = {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": row(many=True),
    }
    return inline_serializer(f"{row.__name__.removesuffix('Serializer')}Page", fields)
