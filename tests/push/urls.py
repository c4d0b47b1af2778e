"""The product with a small app under /m/ whose service worker knows hints and nothing else."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from grid_platform.urls import handler403, handler404, handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500"]

PAGE = """<!doctype html><title>app</title><script type="module">
  import { pusher } from "/static/grid/phone/push.js";
  window.heard = [];
  navigator.serviceWorker.addEventListener("message", (event) => heard.push(event.data));
  window.send = async ({ method = "GET", path, json }) => {
    const csrf = document.cookie.match(/csrftoken=([^;]+)/)[1];
    const headers = { "X-CSRFToken": csrf, "Content-Type": "application/json" };
    const answer = await fetch(`/api/v1/${path}`, { method, headers, body: json && JSON.stringify(json) });
    return { kind: answer.ok ? "ok" : "refused", body: await answer.json() };
  };
  window.pusher = pusher;
  await navigator.serviceWorker.register("/m/worker.js", { scope: "/m/" });
  await navigator.serviceWorker.ready;
  document.body.id = "ready";
</script><body></body>"""
WORKER = """importScripts("/static/grid/phone/worker-push.js"); onPush(self);"""


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(PAGE)
    response["Content-Security-Policy"] = "default-src 'self' 'unsafe-inline' 'unsafe-eval'"
    return response


@login_not_required
def worker(request: HttpRequest) -> HttpResponse:
    return HttpResponse(WORKER, content_type="text/javascript")


urlpatterns = [path("m/", page), path("m/worker.js", worker), *urlpatterns]
