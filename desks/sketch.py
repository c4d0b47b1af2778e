"""A sketch of the place for paper: the outline of the area and the point, as the numbers of an SVG. No tiles."""

from dataclasses import dataclass
from math import cos, radians

from events.models import Event
from grids.models import District
from grids.queries import boundaries

SIDE = 240
MARGIN = 12


@dataclass(frozen=True)
class Sketch:
    """``path`` of the outline in a square of SIDE; ``x``, ``y`` of the point, None where there is none."""

    path: str
    x: float | None
    y: float | None
    side: int = SIDE


def sketch(event: Event, district: District) -> Sketch | None:
    """None where the area has no boundary. One query."""
    found = boundaries(district, event.area_code, event.place_level)["features"]
    if not found:
        return None
    geometry = found[0]["geometry"]
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    rings = [ring for part in parts for ring in part]
    corners = [(point[0], point[1]) for ring in rings for point in ring]
    here = (event.longitude, event.latitude) if event.longitude is not None else None
    seen = [*corners, *([(float(here[0]), float(here[1]))] if here and here[1] is not None else [])]
    west, north = min(lon for lon, _lat in seen), max(lat for _lon, lat in seen)
    narrow = cos(radians(north))
    width = (max(lon for lon, _lat in seen) - west) * narrow
    height = north - min(lat for _lon, lat in seen)
    scale = (SIDE - 2 * MARGIN) / (max(width, height) or 1)

    def put(lon: float, lat: float) -> tuple[float, float]:
        return (
            round(MARGIN + (lon - west) * narrow * scale, 1),
            round(MARGIN + (north - lat) * scale, 1),
        )

    path = " ".join(
        "M" + " L".join(f"{x},{y}" for x, y in (put(point[0], point[1]) for point in ring)) + " Z"
        for ring in rings
    )
    x, y = put(*seen[-1]) if here else (None, None)
    return Sketch(path, x, y)
