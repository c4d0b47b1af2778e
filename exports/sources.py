"""Which rows an export of each kind has; a further kind is a line here."""

from exports.event_rows import EventRows
from exports.models import Export, Kind
from exports.rate_rows import RateRows
from exports.rows import Asked, Source
from exports.step_rows import StepRows

SOURCES: dict[str, type[Source]] = {Kind.EVENTS: EventRows, Kind.STEPS: StepRows, Kind.RATES: RateRows}
WITH_PERSONAL_DATA = (Kind.EVENTS, Kind.STEPS)


def source_of(export: Export) -> Source:
    """What the row asks for, as of its asking."""
    return SOURCES[export.kind](Asked(export.query, export.whole, export.asked_at))
