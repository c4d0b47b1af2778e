"""The web as it is served in service: several processes, and figures that are those of all of them."""

import os
import re
import urllib.request

from tests.processes.product import Process, wait_for
from tests.processes.rehearsal import free_port

TOKEN = "a-token-for-the-monitoring"


def test_the_figures_of_two_processes_are_counted_together(product, tmp_path):
    port = free_port()
    served = {
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "2",
        "METRICS_TOKEN": TOKEN,
        "TMPDIR": str(tmp_path),
    }
    command = ["gunicorn", "grid_platform.wsgi", "--config", "deploy/gunicorn.conf.py"]
    web = product._keep(Process(tmp_path / "web.log", *command, **served))

    def get(path: str) -> str:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()

    def asked() -> int:
        """Requests for /healthz, by the figures."""
        told = re.search(
            r'^grid_request_seconds_count\{.*"operations:healthz"\} (\S+)$', get("/metrics"), re.M
        )
        return int(float(told[1])) if told else 0

    wait_for(lambda: web.log.read_text().count("Booting worker") == 2 and is_up(get), "the web")
    before = asked()
    for _ in range(30):
        get("/healthz")
    assert {asked() - before for _ in range(5)} == {30}, "whichever process answers"
    assert len(list((tmp_path / "grid-figures").glob("histogram_*.db"))) == 2
    assert oct(os.stat(tmp_path / "grid-figures").st_mode)[-3:] == "700"


def is_up(get) -> bool:
    try:
        return bool(get("/healthz"))
    except OSError:
        return False
