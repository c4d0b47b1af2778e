"""What a request brings: the person, a body of the right JSON types, a key, the version looked at.

The forms of ``dispatch`` make text of whatever they are given, because browsers send nothing else. JSON has types,
so the API refuses a list or a number where a text belongs instead of storing how Python writes it.
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.models import User
from accounts.scope import Actor
from dispatch.errors import InputError
from dispatch.workflow import Kind, Verb

VERSION_TAG = re.compile(r'(?:W/)?"(\d{1,9})(?:-[0-9a-f]+)?"')
"""An event's ETag, or a bare version in quotation marks."""


class AlwaysJson(DefaultContentNegotiation):
    """Whatever is asked for, the answer is what the description says: JSON, or the file itself."""

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


class BoundedJSONParser(JSONParser):
    """JSON of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes: a body is read into memory."""

    def parse(self, stream, media_type=None, parser_context=None):
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or 0
        if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        return super().parse(stream, media_type, parser_context)


def actor_of(request: Request) -> Actor:
    """The person behind the request; the permission classes let nobody else through."""
    return Actor.of(person_of(request))


def person_of(request: Request) -> User:
    return cast(User, request.user)


def body_of(request: Request) -> dict[str, Any]:
    """The body: a JSON object of what can be stored, no half characters and no infinite numbers in it."""
    try:
        json.dumps(request.data, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise exceptions.ParseError() from None
    if not isinstance(request.data, dict):
        raise exceptions.ParseError()
    return request.data


def key_of(value: Any) -> uuid.UUID:
    """A UUID the client made. Raises InputError."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise wrong("id", "invalid_key", _("The id must be a UUID made by the client.")) from None


def point_of(request: Request) -> tuple[float, float] | None:
    """(longitude, latitude) of the query, WGS84 degrees; None where one of them is not given. Raises InputError."""
    given = [request.GET.get(name) for name in ("longitude", "latitude")]
    if not all(given):
        return None
    try:
        longitude, latitude = (float(each or "") for each in given)
    except ValueError:
        longitude, latitude = 999.0, 999.0
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise wrong("longitude", "invalid_point", _("Give longitude and latitude in degrees."))
    return longitude, latitude


def wanted_version(request: Request) -> int | None:
    """The version of ``If-Match``, an event's ETag; None where any will do. Raises InputError."""
    told = request.headers.get("If-Match", "*").strip()
    if told == "*":
        return None
    found = VERSION_TAG.fullmatch(told)
    if not found:
        raise wrong("If-Match", "invalid", _("If-Match must be the ETag of the event, as it was read."))
    return int(found[1])


def checked(form: Serializer) -> dict[str, Any]:
    """What a body brings. Raises InputError; of a list it tells what is wrong with any of its members."""
    if not form.is_valid():
        raise InputError(fields={name: list(_told(errors)) for name, errors in form.errors.items()})
    return form.validated_data


def _told(errors: Any) -> Iterator[dict[str, str]]:
    if isinstance(errors, exceptions.ErrorDetail):
        yield {"code": str(errors.code), "message": str(errors)}
        return
    for each in errors.values() if isinstance(errors, dict) else errors:
        yield from _told(each)


def wrong(field: str, code: str, message: str) -> InputError:
    return InputError(fields={field: [{"code": code, "message": message}]})


# JSON types -----------------------------------------------------------------------------------------


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def is_number(value: Any) -> bool:
    """A number, also written as a text."""
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def are_texts(value: Any) -> bool:
    return is_text(value) or (isinstance(value, list) and all(map(is_text, value)))


def are_numbers(value: Any) -> bool:
    return is_number(value) or (isinstance(value, list) and all(map(is_number, value)))


WANTED: dict[Any, Promise] = {
    is_text: gettext_lazy("This must be a text, in quotation marks."),
    is_truth: gettext_lazy("This must be true or false."),
    is_number: gettext_lazy("This must be a number."),
    are_texts: gettext_lazy("This must be a list of texts."),
    are_numbers: gettext_lazy("This must be a list of numbers."),
}
REPORT_TYPES = {
    **dict.fromkeys(("longitude", "latitude"), is_number),
    **dict.fromkeys(("confidential", "self_close"), is_truth),
    **dict.fromkeys(("item", "area_code", "datum", "source", "occurred_at", "sent_at"), is_text),
    **dict.fromkeys(("description", "address", "result", "reporter_name", "reporter_phone"), is_text),
    "same_as": is_text,
}
KIND_TYPES = {
    **dict.fromkeys(Kind, is_text),
    **dict.fromkeys((Kind.LEAD, Kind.DESK, Kind.AMOUNT), is_number),
    Kind.ASSISTANTS: are_numbers,
    Kind.EVIDENCE: are_texts,
}


def check_report(data: Mapping[str, Any]) -> None:
    """Raises InputError for a field of another JSON type than the report's."""
    _check(data, REPORT_TYPES)


def check_move(verb: Verb, data: Mapping[str, Any]) -> None:
    """Raises InputError for an input of another JSON type than the verb's."""
    _check(data, {need.name: KIND_TYPES[need.kind] for need in verb.needs})


def _check(data: Mapping[str, Any], types: Mapping[str, Any]) -> None:
    """Null stands for nothing."""
    given = {name: data[name] for name in types if data.get(name) is not None}
    fields = {
        name: [{"code": "wrong_type", "message": str(WANTED[types[name]])}]
        for name, value in given.items()
        if not types[name](value)
    }
    if fields:
        raise InputError(fields=fields)
