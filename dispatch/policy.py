"""The numbers of the loop that a district may choose (field rules, sections 3, 5 and 6)."""

from datetime import timedelta

from dispatch.working_time import Limit, Unit
from events.models import Urgency

SIGN_MINUTES = {Urgency.CRITICAL: 5, Urgency.URGENT: 30, Urgency.NORMAL: 120}
RETURN_WINDOW_MINUTES = {Urgency.CRITICAL: 10, Urgency.URGENT: 30, Urgency.NORMAL: 120}
CHECK_LIMIT_MINUTES = 120
SAMPLE_PERCENT = 10
SAMPLE_LIMIT = Limit(3, Unit.WORKING_DAYS)
RETURNS_TO_DISTRICT = 2
"""The event's return that goes to the district centre, whose dispatch cannot be returned."""
REWORKS_TO_NEXT_LEVEL = 3
"""The failed check that takes the event one level up."""
CLOCK_TOLERANCE = timedelta(minutes=2)
"""A corrected occurred_at this far ahead of the server is clamped; more is flagged."""
OCCURRED_AT_MOST_BEFORE = timedelta(days=30)
TEXT_LIMIT = 2000
ADDRESS_LIMIT = 200
