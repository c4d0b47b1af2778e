"""Evidence arriving: a promised or new file is checked, stored below MEDIA_ROOT and entered once.

Photos and signatures become JPEG; a document is a PDF, kept as it is, or a picture. Who may send what
to which event is decided by the caller.
"""

import logging
import os
from datetime import datetime
from hashlib import sha256 as hash_of
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from events.images import (
    EmptyFileError,
    EvidenceError,
    NotAnImageError,
    Picture,
    TooManyBytesError,
    read_image,
    thumbnail,
)
from events.models import Event, Evidence
from grid_platform.hints import nudge

PDF = b"%PDF-"
log = logging.getLogger(__name__)


def receive(
    *,
    event: Event,
    kind: str,
    upload: IO[bytes],
    user,
    organization_id: int | None,
    now: datetime,
    sha256: str | None = None,
) -> Evidence:
    """Take one file for an event; the same bytes again give the same row.

    The name of a file is the SHA-256 of the bytes sent (hex). The file is on the disk before its row
    says so: a crash leaves at worst a file without a row, never a row without a file.
    Raises EvidenceError: a wrong file, HashMismatchError or TooManyPhotosError.
    """
    data = _read(upload)
    digest = hash_of(data).hexdigest()
    if sha256 and sha256.lower() != digest:
        raise HashMismatchError
    name = {"tenant": event.tenant, "event": event, "kind": kind, "sha256": digest}
    if known := Evidence.objects.filter(**name).exclude(received_at=None).first():
        return known
    content, picture = _checked(data, kind)

    with transaction.atomic():
        # Uploads of one event take turns, so that neither the same file nor a tenth slips in between.
        Event.with_training.select_for_update(no_key=True).only("pk").get(pk=event.pk)
        row = Evidence.objects.filter(**name).first()
        if row and row.received_at:
            return row
        if row is None:
            _refuse_one_too_many(event, kind, user)
            row = Evidence(**name, promised_at=now)
        else:
            Event.with_training.filter(pk=event.pk, photos_missing__gt=0).update(
                photos_missing=F("photos_missing") - 1
            )
        row.uploaded_by = user
        row.organization_id = organization_id or row.organization_id
        row.received_at = now
        row.size = len(content)
        if picture:
            row.content_type = "image/jpeg"
            row.width, row.height, row.taken_at = picture.width, picture.height, picture.taken_at
            row.longitude, row.latitude = picture.longitude, picture.latitude
            transaction.on_commit(lambda: nudge("events.tasks.make_missing_thumbnails"))
        else:
            row.content_type = "application/pdf"
        row.file = f"evidence/{now:%Y/%m}/{row.pk}.{'jpg' if picture else 'pdf'}"
        _write(row.file, content)
        row.save()
    return row


def open_file(evidence: Evidence, thumbnail: bool = False) -> Path:
    """Where the received file lies; its thumbnail if it is wanted and there is one."""
    return settings.MEDIA_ROOT / ((thumbnail and evidence.thumbnail) or evidence.file)


def make_thumbnail(*, evidence_id) -> bool:
    """Give a picture its thumbnail; False when it has one or another worker is at it.

    A file that cannot be read stands for itself from then on, so that it is not tried for ever.
    """
    with transaction.atomic():
        row = (
            Evidence.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(pk=evidence_id, thumbnail="", content_type__startswith="image/")
            .first()
        )
        if row is None:
            return False
        try:
            small = thumbnail(open_file(row).read_bytes())
        except (EvidenceError, OSError):
            log.exception("The file of evidence %s cannot be read: %s", row.pk, row.file)
            row.thumbnail = row.file
        else:
            row.thumbnail = str(Path(row.file).with_suffix(".small.jpg"))
            _write(row.thumbnail, small)
        row.save(update_fields=["thumbnail"])
    return True


def _read(upload: IO[bytes]) -> bytes:
    data = upload.read(settings.EVIDENCE_MAX_BYTES + 1)
    if not data:
        raise EmptyFileError
    if len(data) > settings.EVIDENCE_MAX_BYTES:
        raise TooManyBytesError(megabytes=settings.EVIDENCE_MAX_BYTES // 1_000_000)
    return data


def _checked(data: bytes, kind: str) -> tuple[bytes, Picture | None]:
    """What to store: a picture made anew, or a PDF as it came."""
    if kind == Evidence.Kind.DOCUMENT and data.startswith(PDF):
        return data, None
    try:
        picture = read_image(
            data, max_bytes=settings.EVIDENCE_MAX_BYTES, max_pixels=settings.EVIDENCE_MAX_PIXELS
        )
    except NotAnImageError as error:
        if kind == Evidence.Kind.DOCUMENT:
            raise DocumentTypeError from error
        raise
    return picture.jpeg, picture


def _refuse_one_too_many(event: Event, kind: str, user) -> None:
    """Nine photos with the report; after it nine pieces a person has sent and not yet attached to a step."""
    if kind == Evidence.Kind.BEFORE:
        present = Evidence.objects.filter(event=event, kind=kind)
    else:
        present = Evidence.objects.filter(event=event, step=None, uploaded_by=user).exclude(
            kind=Evidence.Kind.BEFORE
        )
    if present.count() >= settings.EVIDENCE_MAX_PHOTOS:
        raise TooManyPhotosError(limit=settings.EVIDENCE_MAX_PHOTOS)


def _write(name: str, content: bytes) -> None:
    """All of the file or nothing, and on the disk, not only on its way there."""
    target = settings.MEDIA_ROOT / name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    for folder in target.parents[:4]:  # month, year, evidence, MEDIA_ROOT: any of them may be new
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class HashMismatchError(EvidenceError):
    code = "hash_mismatch"
    message = _("The file arrived changed: it is not the one that was announced. Send it again.")


class TooManyPhotosError(EvidenceError):
    code = "too_many_photos"
    message = _("There are already %(limit)s files, and no more are taken. Leave the best ones.")


class DocumentTypeError(EvidenceError):
    code = "document_type"
    message = _("A document must be a PDF or a picture. Save it as PDF and send it again.")
