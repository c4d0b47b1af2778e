"""What people say is wrong with the product itself, and what the system administrator answers.

A complaint is read by its author and by the system administrators of the district, by nobody else. Others than the
author read it with its phone and identity numbers masked, so ``masked`` is kept beside ``text``: a search in it
finds no number either.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.demands import SYSTEM
from accounts.models import User
from accounts.scope import scope_of
from events.masking import mask_numbers

TEXT_LENGTH = 2000
APP_LENGTH = 200


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: User):
        """The person's own; a system administrator's whole district."""
        mine = Q() if scope_of(user).holds(SYSTEM) else Q(author=user.pk)
        return self.filter(mine, tenant=user.district_id)

    def open(self):
        return self.filter(state=Complaint.State.OPEN)

    def answered(self):
        """Its author has not said yet that the answer is read."""
        return self.filter(state=Complaint.State.ANSWERED)


class Complaint(models.Model):
    """``app``: what the author saw of the device before sending, such as its browser and the app's version."""

    class State(models.TextChoices):
        OPEN = "open", _("waits for an answer")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", pgettext_lazy("complaint", "closed")

    id = models.UUIDField(primary_key=True, help_text="The client's.")
    tenant = models.CharField(max_length=6, db_collation="C")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=TEXT_LENGTH)
    masked = models.TextField(help_text="As others than the author read it.")
    app = models.CharField(max_length=APP_LENGTH, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    answer = models.CharField(max_length=TEXT_LENGTH, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_by=None, answered_at=None)
                | (~Q(answer="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="complaint_answer_whole",
            ),
            models.CheckConstraint(
                condition=(Q(state="open") & Q(answer=""))
                | (Q(state="answered") & ~Q(answer=""))
                | Q(state="closed"),
                name="complaint_state",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "state", "-at", "-id"], name="complaint_of_district"),
            models.Index(fields=["author", "-at", "-id"], name="complaint_of_author"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def words(self, reader: User) -> str:
        """The complaint as this person may read it."""
        return self.text if self.author_id == reader.pk else self.masked

    def answer_words(self, reader: User) -> str:
        """The answer: whole for those between whom it was said."""
        is_theirs = reader.pk in (self.author_id, self.answered_by_id)
        return self.answer if is_theirs else mask_numbers(self.answer)
