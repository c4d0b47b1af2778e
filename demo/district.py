"""The demo district: synthetic boundaries, the default lists, invented staff."""

from datetime import datetime

from django.utils import timezone

from accounts.actions import load_roles
from accounts.establish import establish
from demo import partition
from demo.people import load_people
from dispatch.actions import load_calendar, load_ladder, load_reasons
from dispatch.phrases import load_phrases
from events.actions import load_catalogue
from grids.actions import load_geojson
from grids.models import District
from incidents.plans import load_plans


def load_district(*, at: datetime) -> District:
    """Areas, organisations, people, checklist, calendar, rules and plans of the model district. Idempotent."""
    district, _report = load_geojson(collection=partition.features(), at=at)
    load_roles()
    establish(district=district)
    load_people(district=district, at=at)
    load_catalogue(district=district)
    load_reasons(district=district)
    load_phrases(district=district)
    load_ladder(district=district)
    load_calendar(district=district, years=range(2018, timezone.localdate().year + 2), now=at)
    load_plans(district=district)
    return district
