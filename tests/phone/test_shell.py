"""The app's shell: the same for everybody, light, and kept by a worker that keeps nothing personal."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from phone import parts

SHELL, WORKER, MANIFEST = (reverse(f"phone:{name}") for name in ("shell", "worker", "manifest"))
STATIC = re.compile(r'(?:href|src)="(/static/[^"#]+)"')
KILOBYTES = 1000


def read(address: str) -> bytes:
    return Path(finders.find(address.removeprefix(settings.STATIC_URL))).read_bytes()


def compressed(*contents: bytes) -> int:
    return sum(len(gzip.compress(content)) for content in contents)


def without_tokens(page: bytes) -> bytes:
    return re.sub(rb"csrfmiddlewaretoken[^>]+", b"", page)


@pytest.mark.django_db
def test_the_shell_is_the_same_for_everybody_and_says_nothing_of_them(enter):
    stranger = Client().get(SHELL, headers={"accept-language": "en"})
    worker = enter("worker").get(SHELL)
    assert stranger.status_code == worker.status_code == 200
    assert stranger.content == worker.content
    assert "csrfmiddlewaretoken" not in worker.content.decode()


@pytest.mark.django_db
def test_it_costs_no_query(enter, django_assert_num_queries):
    with django_assert_num_queries(0):
        Client().get(SHELL)
        Client().get(WORKER)
        Client().get(MANIFEST)


def test_every_file_the_shell_names_is_there():
    page = Client().get(SHELL).content.decode()
    named = STATIC.findall(page)
    assert len(named) == 4
    for address in named:
        assert read(address)


def test_the_worker_keeps_what_the_app_imports_and_nothing_else():
    script = Client().get(WORKER).content.decode()
    told = json.loads(re.search(r"const TOLD = (\{.*?\n\});", script, re.S)[1])
    kept = set(told["parts"]) | set(told["later"])
    for address in [path for path in kept if path.endswith(".js")]:
        for imported in re.findall(r'(?:from|import)\s*\(?"(\.[^"]+)"', read(address).decode()):
            target = str(Path(address).parent / imported).replace("/./", "/")
            target = str(Path("/", *_resolved(Path(target).parts[1:])))
            assert target in kept, f"{address} imports {imported}, which the worker does not keep"
    assert all(path.startswith(settings.STATIC_URL) for path in kept)
    assert "/api/" not in script


def _resolved(steps: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for step in steps:
        if step == "..":
            found.pop()
        else:
            found.append(step)
    return found


def test_another_version_of_any_file_is_another_worker(monkeypatch):
    before = parts.version()
    parts.version.cache_clear()
    monkeypatch.setattr(parts, "LATER", parts.LATER[:-1])
    assert parts.version() != before
    parts.version.cache_clear()


def test_the_app_without_the_map_is_under_200_kilobytes():
    shell = Client().get(SHELL).content
    files = [read(address) for address in parts.addresses(parts.FILES)]
    assert compressed(shell, Client().get(WORKER).content, *files) < 200 * KILOBYTES


def test_the_manifest_makes_it_installable():
    answer = Client().get(MANIFEST)
    assert answer["Content-Type"] == "application/manifest+json"
    told = answer.json()
    assert told["start_url"] == told["scope"] == told["id"] == SHELL
    assert {icon["sizes"] for icon in told["icons"]} == {"192x192", "512x512"}
    assert any(icon["purpose"] == "maskable" for icon in told["icons"])
    for icon in told["icons"]:
        assert read(icon["src"]).startswith(b"\x89PNG")


def test_both_languages_have_a_shell():
    chinese, english = (
        Client().get(SHELL, headers={"accept-language": spoken}).content.decode()
        for spoken in ("zh-CN", "en")
    )
    assert 'lang="zh-hans"' in chinese
    assert "上报" in chinese
    assert 'lang="en"' in english
    assert not re.search("[\u4e00-\u9fff]", english.replace("中文", ""))


@pytest.mark.django_db
def test_a_grid_team_s_home_is_the_app(enter):
    assert enter("worker").get("/").url == SHELL
    assert enter("worker").get(reverse("desks:report"), {"place": "A"}).url == f"{SHELL}?place=A#/report"
    assert enter("acceptor").get(reverse("desks:report")).status_code == 200
