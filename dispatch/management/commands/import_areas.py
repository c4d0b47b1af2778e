"""Import a district's areas from GeoJSON, Shapefile or Excel; its options are those of the other imports."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.area_import import check_areas, import_areas
from dispatch.recoding import recode_events
from grid_platform.sheets.writing import write_new
from grids.actions import ImportRefusedError
from grids.area_columns import COLUMNS
from grids.area_files import AreaFile
from grids.area_plan import Plan
from grids.area_rows import DATUMS, Reading
from grids.area_template import workbook
from grids.models import Area, Level
from grids.problems import AreasRefusedError, Problem

SHOWN = 200


class Command(BaseCommand):
    help = (
        "Import areas from .geojson, .zip or .shp (Shapefile) or .xlsx. Shows the difference and every problem, then "
        "loads all of it or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--district", required=True, help="its code of six digits")
        parser.add_argument("--file", type=Path, help="the file of areas")
        parser.add_argument(
            "--template",
            type=Path,
            metavar="XLSX",
            help="write the form there instead, with the present areas",
        )
        parser.add_argument("--dry-run", action="store_true", help="show the difference, change nothing")
        parser.add_argument("--datum", choices=list(DATUMS), default="wgs84", help="of the coordinates")
        parser.add_argument("--level", choices=Level.values, default="", help="of every row of the file")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="OURS=THEIRS",
            help=f"what a column of a foreign file is called; ours: {', '.join(COLUMNS)}",
        )
        parser.add_argument("--encoding", default="", help="of a Shapefile's text; else .cpg, UTF-8, GB18030")
        parser.add_argument(
            "--complete",
            action="store_true",
            help="what is in force, of the file's levels, and not in it, ends",
        )
        parser.add_argument(
            "--any-length", action="store_true", help="codes of one level may differ in length"
        )
        parser.add_argument(
            "--from", dest="from_day", type=date.fromisoformat, help="the day it holds from; default today"
        )

    def handle(
        self, *, file: Path | None, district: str, dry_run: bool, template: Path | None, **options: Any
    ) -> None:
        if template:
            areas = Area.objects.filter(district=district, valid_to=None)
            try:
                write_new(template, workbook(areas.prefetch_related("predecessors")))
            except OSError as error:
                raise CommandError(f"{template} cannot be written: {error}") from error
            return
        if file is None:
            raise CommandError("Name the file: --file areas.geojson, or --template to get the form.")
        try:
            source = AreaFile.at(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        self._run(source, district, _reading(options), dry_run=dry_run)

    def _run(self, source: AreaFile, district: str, reading: Reading, *, dry_run: bool) -> None:
        now = timezone.now()
        plan, recoded = check_areas(district_code=district, file=source, reading=reading, at=now)
        self._tell(plan, recoded)
        if plan.errors:
            raise CommandError(f"Nothing was loaded: {len(plan.errors)} errors.")
        if dry_run:
            self.stdout.write("A dry run: nothing was changed.")
            return
        try:
            import_areas(
                district_code=district, file=source, reading=reading, at=now, version=plan.version or None
            )
        except (ImportRefusedError, AreasRefusedError) as error:
            raise CommandError(f"Nothing was loaded: {error} [{error.code}]") from error
        self.stdout.write(f"Loaded. {recode_events(now=now)} open events got a new area code.")

    def _tell(self, plan: Plan, recoded: int) -> None:
        for problem in sorted(plan.problems, key=lambda problem: not problem.is_error)[:SHOWN]:
            self.stderr.write(_line(problem))
        for change in plan.changes[:SHOWN]:
            fields = "; ".join(
                f"{name}: {_blank(old)} -> {_blank(new)}" for name, (old, new) in change.fields.items()
            )
            self.stdout.write(f"{change.kind} {change.code} {change.row.name_zh}  {fields}")
        more = max(len(plan.changes), len(plan.problems)) - SHOWN
        if more > 0:
            self.stdout.write(f"... and {more} more")
        counts = ", ".join(f"{len(plan.of_kind(kind))} {kind}" for kind in ("new", "changed", "ended"))
        self.stdout.write(
            f"{plan.district}: {counts}, {plan.unchanged} unchanged; {recoded} open events to recode"
        )


def _line(problem: Problem) -> str:
    where = [f"row {problem.row}"] if problem.row else []
    where += [problem.field] if problem.field else []
    kind = "Error" if problem.is_error else "Warning"
    return f"{kind} {' '.join(where)}: {problem}".replace(" :", ":")


def _blank(value: Any) -> Any:
    return "-" if value in (None, "") else value


def _reading(options: dict[str, Any]) -> Reading:
    columns = dict(pair.partition("=")[::2] for pair in options["column"])
    if unknown := set(columns) - set(COLUMNS):
        raise CommandError(f"Unknown column {', '.join(sorted(unknown))}; ours are {', '.join(COLUMNS)}.")
    return Reading(
        datum=options["datum"],
        columns=columns,
        level=options["level"],
        encoding=options["encoding"],
        complete=options["complete"],
        any_length=options["any_length"],
        day=options["from_day"],
    )
