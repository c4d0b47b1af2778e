"""A backup made at work comes back whole in another place, and what is not whole is refused by name."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Session
from dispatch.outbox import drain
from events.models import State, Step
from events.parts import Part
from events.steps import verify_chains
from grid_platform.embedded import PROJECT
from operations import pg_programs
from operations.archive import DUMP, MEDIA, SUMS, BackupError, Manifest
from operations.backup import backup
from operations.restore import restore
from tests import servers
from tests.caller import EVENTS
from tests.cast import DISTRICT, Cast, Story, story_at

PASSWORD = "quiet-harbour-28"


def manage(*command: object, **environ: object) -> str:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *map(str, command)],
        env=os.environ | {name: str(value) for name, value in environ.items()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass
class Kept:
    """A whole backup, and what was so when it was made."""

    folder: Path
    story_id: uuid.UUID
    evidence_id: uuid.UUID
    steps: list[dict]

    def copy(self, target: Path) -> Path:
        """One that may be damaged."""
        return Path(shutil.copytree(self.folder, target))


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker, tmp_path_factory) -> Kept:
    """Made at work: an order in hand with a document, people who log in, and rows that come while pg_dump works."""
    folder = tmp_path_factory.mktemp("backup") / "kept"
    with (
        servers.clone() as name,
        django_db_blocker.unblock(),
        servers.entered(name, "grid_app"),
        override_settings(MEDIA_ROOT=folder.parent / "media"),
        pytest.MonkeyPatch.context() as patch,
    ):
        cast = Cast()
        story = story_at(cast, State.HANDLING, at=timezone.now() - timedelta(hours=1))
        browser = Client()
        browser.force_login(cast.police, backend="accounts.backends.PostBackend")
        file = SimpleUploadedFile("order.pdf", b"%PDF-1.4 as it was", "application/pdf")
        sent = browser.post(f"{EVENTS}{story.id}/evidence/", {"kind": "document", "file": file})
        assert sent.status_code == 201
        assert Part(story.id, cast.police.pk, "document", "0" * 64).append(io.BytesIO(b"half"), offset=0)
        cast.worker.set_password(PASSWORD)
        cast.worker.save()
        drain()
        patch.setattr(pg_programs, "run", while_rows_come(name))
        call_command("backup", folder, stdout=io.StringIO())
        steps = list(Step.objects.order_by("pk").values())
        made = Kept(folder, story.id, uuid.UUID(sent.json()["id"]), steps)
    return made


def while_rows_come(database: str) -> Callable:
    run = pg_programs.run

    def meanwhile(name: str, *arguments: object) -> None:
        with servers._owner(database) as cursor:
            cursor.execute("INSERT INTO operations_heartbeat VALUES ('meanwhile', now())")
        run(name, *arguments)

    return meanwhile


@pytest.fixture
def elsewhere(kept, django_db_blocker, settings, tmp_path) -> Iterator[str]:
    """An empty database, entered as the owner, and an empty folder."""
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with servers.empty() as name, django_db_blocker.unblock(), servers.entered(name, "grid_owner"):
        yield name


def test_the_backup_is_for_its_owner_only_and_can_be_checked_without_the_product(kept, settings):
    assert oct(kept.folder.stat().st_mode)[-3:] == "700"
    command = ["sha256sum", "--check", "--quiet", SUMS]
    assert subprocess.run(command, cwd=kept.folder, capture_output=True, check=False).returncode == 0
    assert not any(
        settings.SECRET_KEY.encode() in path.read_bytes() for path in kept.folder.rglob("*") if path.is_file()
    )


def test_what_is_on_its_way_in_pieces_is_not_in_it(kept):
    assert list((kept.folder.parent / "media").rglob("*.part"))
    assert not list(kept.folder.rglob("*.part"))


def test_the_backup_sees_one_moment(kept):
    assert Manifest.read(kept.folder).tables["operations_heartbeat"] == 0


def test_what_was_backed_up_works_on_elsewhere(kept, elsewhere, settings):
    environ = servers.urls_of(elsewhere) | {"MEDIA_ROOT": settings.MEDIA_ROOT, "AS_OWNER": 1}
    proved = manage("restore", kept.folder, **environ).splitlines()
    assert [line.split(" ", 1)[1] for line in proved if line[0].isdigit() and "tables" not in line] == [
        "files have the content they had",
        "events' chains of steps hold",
        "files that rows name are there",
    ]
    assert "grid_app can neither change nor remove a step" in proved
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="steps are append-only"):
        cursor.execute("DELETE FROM events_step")
    with servers.entered(elsewhere, "grid_app"):
        assert list(Step.objects.order_by("pk").values()) == kept.steps
        assert not list(verify_chains(DISTRICT))
        assert Session.objects.count() == 0
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute("UPDATE events_step SET verb = 'void'")
        browser = Client()
        browser.post("/accounts/login/", {"username": "worker", "password": PASSWORD})
        assert browser.get("/events/").status_code == 200
        browser.force_login(Cast().police, backend="accounts.backends.PostBackend")
        answer = browser.get(f"/evidence/{kept.evidence_id}/")
        assert b"".join(answer.streaming_content) == b"%PDF-1.4 as it was"
        story = Story(Cast(), at=timezone.now())
        story.id = kept.story_id
        story.feed_back().verify(note="Seen")
        assert story.event.state == State.CLOSED
        new = Story(Cast(), at=timezone.now()).report()
        assert new.event.number != story.event.number


def test_nothing_is_touched_before_the_backup_is_known_to_fit(kept, elsewhere, settings, tmp_path):
    folder = kept.copy(tmp_path / "copy")
    assert refused(tmp_path) == "unreadable"
    change(folder / DUMP)
    assert refused(folder) == "damaged"
    change(folder / DUMP)
    rewrite(folder, migrations={"events": "9999_of_a_later_release"})
    assert refused(folder) == "newer_release"
    rewrite(folder, migrations={}, role="another")
    assert refused(folder) == "other_role"
    rewrite(folder, role="grid_app", format=2)
    assert refused(folder) == "other_format"
    with servers._owner(elsewhere):
        assert refused(kept.folder) == "in_use"
    with servers.entered(elsewhere, "grid_app"):
        assert refused(kept.folder) == "not_owner"
    assert not connection.introspection.table_names() and not settings.MEDIA_ROOT.exists()


def test_a_full_database_is_replaced_only_when_that_is_said(kept, elsewhere, settings):
    list(restore(kept.folder))
    (settings.MEDIA_ROOT / "of-another-time.jpg").write_bytes(b"")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE of_another_time ()")
    assert refused(kept.folder) == "not_empty"
    list(restore(kept.folder, replace=True))
    assert "of_another_time" not in connection.introspection.table_names()
    assert not (settings.MEDIA_ROOT / "of-another-time.jpg").exists()


def test_what_is_not_whole_is_told(kept, elsewhere, tmp_path):
    folder = kept.copy(tmp_path / "copy")
    rewrite(folder, tables=Manifest.read(folder).tables | {"events_step": 1})
    assert refused(folder) == "other_rows"
    rewrite(folder, tables={})
    change(next((folder / MEDIA).rglob("*.pdf")))
    assert refused(folder, replace=True) == "damaged"

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events_step DISABLE TRIGGER steps_append_only")
        cursor.execute("UPDATE events_step SET verb = 'accept' WHERE sequence = 1")
    backup(tmp_path / "broken", now=timezone.now(), with_media=False)
    assert refused(tmp_path / "broken", replace=True) == "broken_chains"


def refused(folder: Path, **options: bool) -> str:
    with pytest.raises(BackupError) as refusal:
        list(restore(folder, **options))
    return refusal.value.code


def change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def rewrite(folder: Path, **changed: object) -> None:
    """A manifest of another state, with its own right sum."""
    manifest = Manifest(**json.loads((folder / "manifest.json").read_text()) | changed)
    before = (folder / "manifest.json").read_bytes()
    manifest.write(folder)
    sums = (folder / SUMS).read_text()
    old, new = (
        hashlib.sha256(content).hexdigest() for content in (before, (folder / "manifest.json").read_bytes())
    )
    (folder / SUMS).write_text(sums.replace(old, new))


def test_a_folder_that_is_there_is_not_written_into(tmp_path):
    with pytest.raises(BackupError, match="exists already"):
        backup(tmp_path, now=timezone.now())


def test_an_older_program_than_the_server_is_not_taken(db, monkeypatch):
    monkeypatch.setattr(pg_programs, "_major", lambda path: 14)
    with pytest.raises(BackupError, match=r"apt-get install postgresql-client-18"):
        pg_programs.run("pg_dump", "--version")
