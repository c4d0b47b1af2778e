"""Lists of events: queues and search, every state of the page in the URL."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def events(request: HttpRequest) -> HttpResponse:
    return render(request, "desks/events.html")
