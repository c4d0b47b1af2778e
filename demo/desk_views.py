"""Views of the desk that the demo's people have saved and share with those who sit beside them."""

from datetime import datetime

from accounts.models import User
from accounts.scope import scope_of
from desks.saved_views import save_view
from grids.models import District

SHARED = {
    "director": (
        ("按承办单位", "queue=open&group=unit"),
        ("紧急优先", "queue=open&sort=urgent&density=compact"),
    ),
    "centre": (
        ("各街道网格", "queue=open&group=place"),
        ("各单位在办", "queue=in_hand&group=unit&density=compact"),
    ),
    "city": (("按事项", "queue=in_hand&group=item"),),
}
"""Log-in: name and address of each view."""


def save_views(*, district: District, now: datetime) -> int:
    """The views of ``SHARED``, by the real action; returns how many were made."""
    made = 0
    for person in User.objects.filter(district=district, username__in=SHARED).select_related("district"):
        unit = scope_of(person).posts[0].organization_id
        for name, query in SHARED[person.username]:
            save_view(user=person, unit=unit, name=name, query=query, shared=True, now=now)
            made += 1
    return made
