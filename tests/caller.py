"""A person of the cast at the API."""

import json

from django.test import Client

EVENTS = "/api/v1/events/"


class Caller:
    """A person of the cast at the API; ``status, body`` of every call."""

    def __init__(self, person):
        self.client = Client(raise_request_exception=True)
        self.client.force_login(person, backend="accounts.backends.PostBackend")

    def get(self, path, **query):
        return self._answer(self.client.get(path, query))

    def post(self, path, body):
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self._answer(self.client.post(path, data, content_type="application/json"))

    def move(self, story, verb, *, version=None, request_id=None, **data):
        more = {"version": version, "request_id": request_id and str(request_id)}
        body = {"verb": verb, "data": data} | {
            name: value for name, value in more.items() if value is not None
        }
        return self.post(f"{EVENTS}{story.id}/moves/", body)

    @staticmethod
    def _answer(response):
        return response.status_code, response.json()
