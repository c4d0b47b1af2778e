"""Load a district's areas and boundaries from a GeoJSON file; may be repeated."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from grids import actions, survey


class Command(BaseCommand):
    help = (
        "Load areas from a GeoJSON FeatureCollection (WGS84) with the properties code, level (district, "
        "street, community, grid), name_zh and name_en. Loads all or nothing; repeating it changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, required=True)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            collection = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} is not readable GeoJSON: {error}") from error
        try:
            district, report = actions.load_geojson(collection=collection, at=timezone.now())
        except actions.AreasRefusedError as error:
            raise CommandError(f"Nothing was loaded.\n{error}") from error
        self.stdout.write(
            f"{district.code} {district.name_zh}: {report.created} created, {report.changed} changed, "
            f"{report.unchanged} unchanged"
        )
        for fault in survey.faults(district):
            self.stderr.write(f"Warning: {fault}")
