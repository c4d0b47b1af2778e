"""Pages of a person stay with that person: after the log-out the Back button must not show them.

Browsers keep whole pages in memory for Back; only ``no-store`` makes them drop these with the session.
Fragments for htmx are no pages: marked alike they would keep the page around them, with all that was
typed there, from coming back.
"""

from collections.abc import Callable

from django.http import HttpResponse

from accounts.requests import PersonRequest


def private_pages(get_response: Callable[[PersonRequest], HttpResponse]) -> Callable:
    def answer(request: PersonRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html") and not request.htmx
        if is_page and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer
