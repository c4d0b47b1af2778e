"""Events brought to where a test of the rates wants them, and what is counted of them."""

from collections import Counter
from datetime import datetime, timedelta

from supervision.facts import Period
from supervision.rates import Filters, count
from tests.cast import CITY, MONDAY, SHANGHAI, SHOP_IN_ROAD, Story

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
FEBRUARY = Period(datetime(2019, 2, 1, tzinfo=SHANGHAI), datetime(2019, 3, 1, tzinfo=SHANGHAI))
MARCH = Period(datetime(2019, 3, 1, tzinfo=SHANGHAI), datetime(2019, 4, 1, tzinfo=SHANGHAI))
APRIL = Period(datetime(2019, 4, 1, tzinfo=SHANGHAI), datetime(2019, 5, 1, tzinfo=SHANGHAI))


def reported(cast, item=SHOP_IN_ROAD, *, at=MONDAY, **data) -> Story:
    return Story(cast, item, at=at).report(**data).route()


def sent(cast, item=SHOP_IN_ROAD, *, at=MONDAY, lead=CITY, **data) -> Story:
    return reported(cast, item, at=at, **data).accept().dispatch(lead=lead)


def fed_back(cast, item=SHOP_IN_ROAD, *, at=MONDAY) -> Story:
    return sent(cast, item, at=at).sign().feed_back()


def closed(cast, item=SHOP_IN_ROAD, *, when=None, at=MONDAY) -> Story:
    """Closed at ``when``; without it, at the very instant of the whole deadline."""
    story = fed_back(cast, item, at=at)
    story.now = when or story.event.whole_due
    return story.verify(note="Seen")


def counts(cast, period=MARCH, by="supervisor", **filters) -> Counter:
    rows = count(getattr(cast, by), "street", period, filters=Filters(**filters))
    return sum(rows.values(), Counter())


def of(cast, *codes: str, period=MARCH) -> dict[str, int]:
    """The figures named, without those that are 0."""
    found = counts(cast, period)
    return {code: found[code] for code in codes if found[code]}
