"""A request's id goes along to the worker: both processes' lines can be found by it."""

import json

from dispatch.models import Outbox
from tests.processes.product import Process, wait_for

ID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def lines(process: Process) -> list[dict]:
    return [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith("{")]


def test_the_workers_lines_have_the_id_of_the_request_that_asked(product, monkeypatch):
    for name in ("LOG_JSON", "LOG_REQUESTS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    web, worker = product.web(), product.worker()
    person = web.enter("worker")
    person.headers["X-Request-ID"] = ID
    person.report()
    wait_for(lambda: not Outbox.objects.exists(), "the worker to route the report")
    wait_for(lambda: "succeeded" in worker.log.read_text(), "the worker's line")

    (request,) = [line for line in lines(web) if line.get("request_id") == ID]
    assert (request["method"], request["route"], request["status"]) == ("POST", "api/v1/events/", 201)
    done = [line for line in lines(worker) if line.get("request_id") == ID]
    assert {line["task"] for line in done} == {"dispatch.tasks.drain_outbox"}
    assert all(line["task_id"] for line in done)
    assert "短信诈骗" not in web.log.read_text() + worker.log.read_text()
