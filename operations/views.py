"""For proxies, orchestrators and the monitoring: is it alive, can it serve, how is it doing.

``/healthz`` and ``/readyz`` are public and hold no figure; ``/metrics`` exists only for a caller with the token
(METRICS_TOKEN) or from a listed network (METRICS_NETWORKS). Without either setting it exists for nobody.
"""

import ipaddress
import os

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from accounts.device import address_of
from operations.gauges import ServiceCollector
from operations.readiness import DEGRADED, FAILED, OK, readiness

KEPT_SECONDS = 2
"""One answer serves whoever asks meanwhile: the address is public."""


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """This process lives and the database answers; Redis only hints, so it is not asked."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 only when nothing can be served: taken out for a dead worker, the web would be down for nothing."""
    states = cache.get("operations.readiness")
    if states is None:
        states = readiness(now=timezone.now())
        cache.set("operations.readiness", states, KEPT_SECONDS)
    worst = next((state for state in (FAILED, DEGRADED) if state in states.values()), OK)
    return JsonResponse({"status": worst, "parts": states}, status=503 if worst == FAILED else 200)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_scrape(request):
        raise Http404
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    service = CollectorRegistry()
    service.register(ServiceCollector())
    return HttpResponse(
        generate_latest(registry) + generate_latest(service), content_type=CONTENT_TYPE_LATEST
    )


def _may_scrape(request: HttpRequest) -> bool:
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if settings.METRICS_TOKEN and constant_time_compare(request.headers.get("Authorization", ""), expected):
        return True
    address = address_of(request)
    if address is None:
        return False
    return any(ipaddress.ip_address(address) in network for network in settings.METRICS_NETWORKS)
