"""What the commands that load a list have in common: read, show the difference, apply it unless it is a dry run."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from grid_platform.sheets.opening import FileRefusedError
from grid_platform.sheets.writing import write_new
from grids.models import District
from imports.actions import DataChangedError, apply, preview
from imports.difference import Change, Preview, State
from imports.files import passwords, problem_rows, template
from imports.kinds import KINDS


class ImportCommand(BaseCommand):
    """``kind`` is a key of KINDS."""

    kind: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--district", required=True, help="the district's code")
        parser.add_argument("--file", type=Path, help="the filled Excel file")
        parser.add_argument("--template", type=Path, help="write the empty template there instead")
        parser.add_argument("--dry-run", action="store_true", help="show the difference, change nothing")
        if KINDS[self.kind].can_be_complete:
            parser.add_argument("--complete", action="store_true", help="the whole list: what it lacks ends")
        parser.add_argument("--from", dest="from_day", type=date.fromisoformat, help="the day it holds from")
        parser.add_argument("--by", help="the user name of who is answerable for it")
        if KINDS[self.kind].accepts != ".xlsx":
            parser.add_argument(
                "--column",
                action="append",
                default=[],
                metavar="COLUMN=HEADING",
                help="a column, and the heading or GeoJSON property the file has for it",
            )
        if self.kind == "people":
            parser.add_argument("--passwords", type=Path, help="where the first passwords are written")

    def handle(self, *, district: str, file: Path | None, dry_run: bool, **options: Any) -> None:
        found = District.objects.filter(pk=district).first()
        if found is None:
            raise CommandError(f"There is no district {district}. Load its areas first.")
        if options["template"]:
            _write(options["template"], template(KINDS[self.kind], found))
            return
        if file is None:
            raise CommandError("Name the file: --file list.xlsx, or --template to get an empty one.")
        shown = self._read(found, file, options)
        for change in shown.changes:
            if change.state != State.UNCHANGED:
                self.stdout.write(_told(change))
        self.stdout.write(", ".join(f"{count} {state}" for state, count in shown.counts.items()))
        if dry_run:
            self.stdout.write("A dry run: nothing was changed.")
            return
        secrets = options.get("passwords")
        if self.kind == "people" and secrets is None and shown.counts[State.NEW]:
            raise CommandError("New people get first passwords: name the file for them with --passwords.")
        try:
            with transaction.atomic():  # no account without its password in the file
                done = apply(shown)
                if done.secrets:
                    _write(secrets, passwords(done.secrets))
        except DataChangedError as error:
            raise CommandError(str(error)) from error

    def _read(self, district: District, file: Path, options: dict[str, Any]) -> Preview:
        by = User.objects.filter(username=options["by"], district=district).first() if options["by"] else None
        if options["by"] and by is None:
            raise CommandError(f"Nobody of the district is called {options['by']}.")
        try:
            with file.open("rb") as content:
                shown = preview(
                    kind=self.kind,
                    file=content,
                    district=district,
                    by=by,
                    from_day=options["from_day"],
                    complete=options.get("complete", False),
                    renamed=_renamed(options.get("column") or []),
                )
        except (OSError, FileRefusedError) as error:
            raise CommandError(f"{file}: {error}") from error
        for heading in shown.unread:
            self.stderr.write(f"The column {heading} is not read.")
        if shown.problems:
            lines = problem_rows(shown.kind, district, shown.problems)
            told = [
                f"row {row or '-'}, {column}: {value!r} {why} {what} ({code})"
                for row, column, value, why, what, code in lines
            ]
            raise CommandError("\n".join(["Nothing was loaded.", *told]))
        return shown


def _renamed(given: list[str]) -> dict[str, str]:
    """Column by heading, of 'column=heading'."""
    pairs = [each.partition("=") for each in given]
    if any(not heading for _column, _sign, heading in pairs):
        raise CommandError("Write --column name=ESTATE_NAME: a column, and the heading the file has for it.")
    return {heading: column for column, _sign, heading in pairs}


def _told(change: Change) -> str:
    fields = "; ".join(f"{name}: {old!r} -> {new!r}" for name, (old, new) in change.fields.items())
    return f"{change.state}: {' '.join(filter(None, change.key))}{': ' if fields else ''}{fields}"


def _write(path: Any, content: bytes) -> None:
    try:
        write_new(path, content)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error}") from error
