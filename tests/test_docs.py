"""The documents name only what exists, and everything they promise to name."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.utils import timezone

from accounts.models import Post, Role
from accounts.scope import scope_of
from demo.people import LOGINS, PASSWORD
from dispatch import diagram
from dispatch.workflow import VERBS
from events.models import State
from grid_platform.translations import PROJECT
from tests.cast import DISTRICT, ROOM

README = (PROJECT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
PAGES = sorted(
    [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *PROJECT.glob("docs/**/*.md")],
    key=lambda page: page.relative_to(PROJECT).as_posix(),
)
APPLICATIONS = (
    "accounts",
    "complaints",
    "demo",
    "desks",
    "dispatch",
    "events",
    "exports",
    "grid_platform",
    "grids",
    "imports",
    "incidents",
    "inbox",
    "live",
    "operations",
    "push",
    "search",
    "supervision",
    "tests",
    "webhooks",
)

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FILE = re.compile(r"`((?:\w+/)+[\w.-]*)`")
MAKE = re.compile(r"\bmake ([a-z]+)\b")
SETTING = re.compile(r'environment\.\w+\(\s*"([A-Z_]+)"')
CITATION = re.compile(r"(field\s+rules|design),\s+sections?\s+(\d+)(?:\.(\d+))?")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def cells(table_rows: str) -> set[str]:
    return set(re.findall(r"`([\w.]+)`", table_rows))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_of_the_repository(page: Path):
    links = [link for link in LINK.findall(text_of(page)) if not link.startswith(("http://", "https://"))]
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_named_is_there(page: Path):
    made_while_running = ("var/",)
    paths = {path for path in FILE.findall(text_of(page)) if not path.startswith(made_while_running)}
    assert [path for path in sorted(paths) if not (PROJECT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_named_exists(page: Path):
    in_code = "\n".join(re.findall(r"`[^`]+`|^    .+$", text_of(page), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
    assert set(MAKE.findall(in_code)) <= targets


def test_the_readme_names_the_products_commands_and_no_others():
    section = README.split("## Commands of")[1].split("\n## ")[0]
    named = {
        cell.split()[0]
        for row in re.findall(r"^\| (.+?) \|", section, re.MULTILINE)
        for cell in re.findall(r"`([^`]+)`", row)
    }
    ours = {name for name, application in get_commands().items() if application in APPLICATIONS}
    assert named == ours


def test_the_readme_explains_every_setting():
    settings = text_of(PROJECT / "grid_platform" / "settings.py")
    rows = README.split("## Settings")[1].split("\n## ")[0]
    assert set(SETTING.findall(settings)) | {"HOST", "PORT", "DEMO_LIVE"} == cells(
        "\n".join(re.findall(r"^\| (`[A-Z_`, ]+`) \|", rows, re.MULTILINE))
    )


def test_the_readme_lists_the_demos_log_ins():
    rows = README.split("## Log-ins")[1].split("\n## ")[0]
    first_cells = "\n".join(re.findall(r"^\| (`[^|]+) \|", rows, re.MULTILINE))
    assert cells(first_cells) == set(LOGINS)
    assert f"`{PASSWORD}`" in rows


@pytest.mark.django_db
def test_the_readmes_first_appointment_works():
    snippet = re.search(r"```python\n(.+?)```", README, re.DOTALL).group(1)
    scope: dict = {}
    exec("\n".join(line.removeprefix("   ") for line in snippet.splitlines()), scope)
    post = Post.objects.get(user=scope["person"])
    assert (post.role_id, post.organization.code) == ("room_acceptor", ROOM)
    assert scope_of(scope["person"], now=timezone.now()).units("accept_events") == {post.organization_id}
    assert scope["person"].district_id == DISTRICT


def test_the_drawn_loop_is_the_tables():
    assert diagram.LOOP.read_text(encoding="utf-8") == diagram.draw(), "run manage.py draw_loop"


@pytest.mark.django_db
def test_the_glossary_lists_every_state_verb_and_role():
    glossary = text_of(PROJECT / "docs" / "glossary.md")
    for title, identifiers in {
        "States": set(State.values),
        "Verbs": set(VERBS),
        "Roles": set(Role.objects.values_list("code", flat=True)),
    }.items():
        rows = [
            row for row in glossary.split(f"## {title}\n")[1].split("\n## ")[0].splitlines() if "|" in row
        ]
        assert cells("\n".join(row.rsplit("|", 2)[1] for row in rows)) == identifiers


def test_every_section_that_the_code_cites_is_written():
    """``field rules, section 5`` is a heading of docs/rules.md, ``design, section 3.2`` a point of docs/design.md."""
    pages = {"field rules": text_of(PROJECT / "docs/rules.md"), "design": text_of(PROJECT / "docs/design.md")}
    lacking = []
    for folder in APPLICATIONS:
        for source in (PROJECT / folder).rglob("*.py"):
            for page, section, point in CITATION.findall(text_of(source)):
                parts = re.split(r"^## (\d+)\. ", pages[" ".join(page.split())], flags=re.MULTILINE)
                written = dict(zip(parts[1::2], parts[2::2], strict=True)).get(section)
                if written is None or (point and not re.search(rf"^{point}\. ", written, re.MULTILINE)):
                    lacking.append(f"{source.relative_to(PROJECT)}: {page}, section {section}.{point}")
    assert lacking == []
