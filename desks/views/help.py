"""All the help in one place: the loop, the pages, the words. ``q`` looks through it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.requests import PersonRequest
from desks.help import PAGES, terms


@require_safe
def help(request: PersonRequest) -> HttpResponse:
    wanted = request.GET.get("q", "").strip()[:60]
    words = wanted.casefold().split()

    def fits(*texts: object) -> bool:
        text = " ".join(str(part) for part in texts).casefold()
        return all(word in text for word in words)

    pages = [
        (page, reverse(page.url) if page.url else "")
        for page in PAGES.values()
        if fits(page.title, page.words)
    ]
    shown = {
        "wanted": wanted,
        "pages": pages,
        "terms": [term for term in terms() if fits(term.name, term.words, term.code)],
        "language": get_language(),
    }
    return render(request, "desks/help.html", shown)
