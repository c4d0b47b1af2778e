"""Lists of complaints: a person's own, and those of the district's system administrator, open ones first."""

from django.db.models import Case, Q, QuerySet, Value, When

from accounts.models import User
from complaints.models import Complaint

OPEN_FIRST = ("rank", "-at", "-id")
NEWEST_FIRST = ("-at", "-id")


def own(user: User) -> QuerySet[Complaint]:
    return Complaint.objects.visible_to(user).filter(author=user)


def unread(user: User) -> int:
    """How many answers the person has not put away yet. One query."""
    return Complaint.objects.visible_to(user).answered().filter(author=user).count()


def waiting(user: User) -> int:
    """How many wait for this system administrator. One query."""
    return Complaint.objects.visible_to(user).open().count()


def box(user: User, *, state: str = "", words: str = "") -> QuerySet[Complaint]:
    """With ``rank``, 0 for open ones, for the order ``OPEN_FIRST``. ``words``: each in the text or the author's name."""
    found = Complaint.objects.visible_to(user).select_related("author", "answered_by")
    if state:
        found = found.filter(state=state)
    for word in words.split():
        found = found.filter(Q(masked__icontains=word) | Q(author__display_name__icontains=word))
    return found.annotate(rank=Case(When(state=Complaint.State.OPEN, then=Value(0)), default=Value(1)))
