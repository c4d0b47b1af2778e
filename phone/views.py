"""The app's own addresses: the same for everybody, without a word about a person; what is personal comes by the API."""

import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from phone import parts
from phone.words import words

ALWAYS_ASK = cache_control(no_cache=True)


@login_not_required
@require_safe
@ensure_csrf_cookie
@ALWAYS_ASK
def shell(request: HttpRequest) -> HttpResponse:
    context = {
        "words": words(),
        "version": parts.version(),
        "tiles": settings.MAP_TILES_URL,
        "live": settings.LIVE_URL,
    }
    return render(request, "phone/app.html", context)


@login_not_required
@require_safe
@ALWAYS_ASK
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with its list of files: another version of any of them is another worker."""
    told = {
        "version": parts.version(),
        "shell": reverse("phone:shell"),
        "parts": parts.addresses(parts.FILES),
        "later": parts.addresses(parts.LATER),
    }
    context = {"told": json.dumps(told, indent=2), "push": static(parts.PUSH)}
    return render(request, "phone/worker.js", context, content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
@ALWAYS_ASK
def manifest(request: HttpRequest) -> JsonResponse:
    start = reverse("phone:shell")
    icons = [
        {
            "src": static(f"grid/phone/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size, purpose in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    told = {
        "id": start,
        "name": _("Grid Platform"),
        "short_name": _("Grid"),
        "description": _("Report what you see, also without a network; check results; read the answers."),
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": "#f2f5f9",
        "theme_color": "#12304f",
        "icons": icons,
        "shortcuts": [
            {"name": _("Report"), "url": f"{start}#/report"},
            {"name": _("To do"), "url": f"{start}#/tasks"},
        ],
    }
    return JsonResponse(
        told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )
