"""The event page, the form of each move, and the event's files."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def event(request: HttpRequest, event_id: uuid.UUID) -> HttpResponse:
    return render(request, "desks/event.html")


def move(request: HttpRequest, event_id: uuid.UUID, verb: str) -> HttpResponse:
    return render(request, "desks/move.html")


def evidence(request: HttpRequest, evidence_id: uuid.UUID, size: str) -> HttpResponse:
    return HttpResponse()
