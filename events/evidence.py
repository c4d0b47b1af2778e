"""Evidence arriving: a promised or new file is checked, stored below MEDIA_ROOT and entered once.

Photos and signatures become JPEG; a document is a PDF, kept as it is, or a picture; voice and video are kept as
they came but for their metadata. What is kept as it came is never held in memory as a whole. Who may send what to which event is decided
by the caller.
"""

import hashlib
import logging
import os
import shutil
from dataclasses import dataclass
from datetime import datetime
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
from events.recordings import HEAD, NotAVideoError, NotAVoiceError, container_of, forget_metadata
from grid_platform.hints import nudge

PDF = b"%PDF-"
BLOCK = 1 << 18
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Content:
    """What is stored: ``picture`` made anew, or the upload as it came."""

    content_type: str
    suffix: str
    picture: Picture | None = None


RECORDINGS = {
    (Evidence.Kind.VOICE, "webm"): Content("audio/webm", "webm"),
    (Evidence.Kind.VOICE, "ogg"): Content("audio/ogg", "ogg"),
    (Evidence.Kind.VOICE, "mp4"): Content("audio/mp4", "m4a"),
    (Evidence.Kind.VIDEO, "webm"): Content("video/webm", "webm"),
    (Evidence.Kind.VIDEO, "ogg"): Content("video/ogg", "ogv"),
    (Evidence.Kind.VIDEO, "mp4"): Content("video/mp4", "mp4"),
}


def max_bytes(kind: str) -> int:
    """Of one file as it is sent."""
    own = {Evidence.Kind.VOICE: settings.VOICE_MAX_BYTES, Evidence.Kind.VIDEO: settings.VIDEO_MAX_BYTES}
    return own.get(Evidence.Kind(kind), settings.EVIDENCE_MAX_BYTES)


def max_files(kind: str) -> int:
    """With a report, and after it of one person's not yet attached."""
    return settings.EVIDENCE_MAX_RECORDINGS if kind in Evidence.RECORDED else settings.EVIDENCE_MAX_PHOTOS


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
    size, digest = _measured(upload, max_bytes(kind))
    if sha256 and sha256.lower() != digest:
        raise HashMismatchError
    name = {"tenant": event.tenant, "event": event, "kind": kind, "sha256": digest}
    if known := Evidence.objects.filter(**name).exclude(received_at=None).first():
        return known
    content = _checked(upload, kind)
    picture = content.picture

    with transaction.atomic():
        # Uploads of one event take turns, so that neither the same file nor a tenth slips in between.
        Event.with_training.select_for_update(no_key=True).only("pk").get(pk=event.pk)
        row = Evidence.objects.filter(**name).first()
        if row and row.received_at:
            return row
        if row is None:
            refuse_one_too_many(event, kind, user)
            row = Evidence(**name, promised_at=now)
        else:
            Event.with_training.filter(pk=event.pk, photos_missing__gt=0).update(
                photos_missing=F("photos_missing") - 1
            )
        row.uploaded_by = user
        row.organization_id = organization_id or row.organization_id
        row.received_at = now
        row.content_type = content.content_type
        row.size = len(picture.jpeg) if picture else size
        if picture:
            row.width, row.height, row.taken_at = picture.width, picture.height, picture.taken_at
            row.longitude, row.latitude = picture.longitude, picture.latitude
            transaction.on_commit(lambda: nudge("events.tasks.make_missing_thumbnails"))
        row.file = f"evidence/{now:%Y/%m}/{row.pk}.{content.suffix}"
        _write(row.file, picture.jpeg if picture else upload, is_mp4=content.suffix in ("m4a", "mp4"))
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


def _measured(upload: IO[bytes], most: int) -> tuple[int, str]:
    """Bytes and SHA-256, hexadecimal; no more is read than tells that it is too large."""
    size, digest = 0, hashlib.sha256()
    while block := upload.read(min(BLOCK, most + 1 - size)):
        size += len(block)
        digest.update(block)
    if not size:
        raise EmptyFileError
    if size > most:
        raise TooManyBytesError(megabytes=most // 1_000_000)
    return size, digest.hexdigest()


def _checked(upload: IO[bytes], kind: str) -> Content:
    """What to store: a picture made anew, or a PDF or recording as it came."""
    upload.seek(0)
    head = upload.read(HEAD)
    if kind in Evidence.RECORDED:
        if recording := RECORDINGS.get((Evidence.Kind(kind), container_of(head) or "")):
            return recording
        raise NotAVoiceError if kind == Evidence.Kind.VOICE else NotAVideoError
    if kind == Evidence.Kind.DOCUMENT and head.startswith(PDF):
        return Content("application/pdf", "pdf")
    most, pixels = settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MAX_PIXELS
    try:
        picture = read_image(head + upload.read(), max_bytes=most, max_pixels=pixels)
    except NotAnImageError as error:
        if kind == Evidence.Kind.DOCUMENT:
            raise DocumentTypeError from error
        raise
    return Content("image/jpeg", "jpg", picture)


def refuse_one_too_many(event: Event, kind: str, user) -> None:
    """Nine photos with the report; after it nine pieces a person has sent and not yet attached to a step.

    Recordings are counted by themselves, each kind. Raises TooManyPhotosError.
    """
    unattached = Evidence.objects.filter(event=event, step=None, uploaded_by=user)
    if kind == Evidence.Kind.BEFORE:
        present = Evidence.objects.filter(event=event, kind=kind)
    elif kind in Evidence.RECORDED:
        present = unattached.filter(kind=kind)
    else:
        present = unattached.exclude(kind__in=[Evidence.Kind.BEFORE, *Evidence.RECORDED])
    if present.count() >= max_files(kind):
        raise TooManyPhotosError(limit=max_files(kind))


def _write(name: str, content: bytes | IO[bytes], *, is_mp4: bool = False) -> None:
    """All of the file or nothing, and on the disk, not only on its way there."""
    target = settings.MEDIA_ROOT / name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with part.open("w+b") as file:
        if isinstance(content, bytes):
            file.write(content)
        else:
            content.seek(0)
            shutil.copyfileobj(content, file, BLOCK)
        if is_mp4:
            forget_metadata(file)
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
