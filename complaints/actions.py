"""Complain, answer, close. Each once: a repeat changes nothing."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from complaints.errors import KeyTakenError, NoSuchComplaintError, NotOpenError, TooManyOpenError
from complaints.models import Complaint
from events.masking import mask_numbers

MOST_OPEN = 20
"""Of one person: what waits beyond that nobody reads any more."""


@transaction.atomic
def complain(*, author: User, key: uuid.UUID, text: str, app: str, now: datetime) -> tuple[Complaint, bool]:
    """The complaint, and whether it is new: the same key, author and content again is the same complaint.

    Raises KeyTakenError for another content or author, TooManyOpenError.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=author.pk)  # one after the other
    before = Complaint.objects.filter(pk=key).first()
    if before:
        if (before.author_id, before.text, before.app) != (author.pk, text, app):
            raise KeyTakenError()
        return before, False
    if Complaint.objects.open().filter(author=author).count() >= MOST_OPEN:
        raise TooManyOpenError()
    made = Complaint(
        id=key,
        tenant=author.district_id,
        author=author,
        text=text,
        masked=mask_numbers(text),
        app=app,
        at=now,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # somebody else sent the same key at this moment
        raise KeyTakenError() from None
    return made, True


@transaction.atomic
def answer(*, complaint_id: uuid.UUID, by: User, text: str, now: datetime) -> Complaint:
    """For a system administrator of the complaint's district, whom the page has asked for. Raises NotOpenError."""
    complaint = _locked(complaint_id, by)
    if not complaint.is_open:
        raise NotOpenError()
    complaint.state, complaint.answer = Complaint.State.ANSWERED, text
    complaint.answered_by, complaint.answered_at = by, now
    complaint.save()
    return complaint


@transaction.atomic
def close(*, complaint_id: uuid.UUID, by: User) -> Complaint:
    """Its author has read the answer, or needs none any more."""
    complaint = _locked(complaint_id, by)
    if complaint.author_id != by.pk:
        raise NoSuchComplaintError()
    complaint.state = Complaint.State.CLOSED
    complaint.save()
    return complaint


def _locked(complaint_id: uuid.UUID, reader: User) -> Complaint:
    found = Complaint.objects.visible_to(reader).select_for_update().filter(pk=complaint_id).first()
    if found is None:
        raise NoSuchComplaintError()
    return found
