"""Voice and video sent as evidence: told by content, never by name, and kept as they came but for their metadata.

What the recorders of phones and browsers write: WebM, Ogg, and MP4 with its relatives M4A, MOV and 3GP. Nothing is
decoded here; whoever plays it is the browser, in a sandbox. Browsers write no place into a recording; phones' cameras
do, into boxes of MP4 that no player needs. Knows no database and no settings.
"""

import os
from typing import IO

from django.utils.translation import gettext_lazy as _

from events.images import EvidenceError

HEAD = 64
"""Bytes that tell what it is."""
PICTURES = (b"heic", b"heix", b"hevc", b"heif", b"mif1", b"msf1", b"avif", b"avis")
"""Brands of the MP4 family that hold a picture."""
METADATA = (b"udta", b"meta", b"uuid")
"""Boxes of MP4 (ISO/IEC 14496-12 and QuickTime) in which place and device stand: ``©xyz``, ``loci``, Apple's keys, XMP."""
WITHIN = (b"moov", b"trak")
"""Where they stand, besides the file itself: in the film, and in each of its tracks."""
HEADER = 8
"""Bytes of a box's size and name."""


def container_of(head: bytes) -> str | None:
    """``webm``, ``ogg`` or ``mp4``, by the first bytes; None for anything else."""
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:HEAD]:
        return "webm"
    if head.startswith(b"OggS"):
        return "ogg"
    if head[4:8] == b"ftyp" and head[8:12] not in PICTURES:
        return "mp4"
    return None


def forget_metadata(file: IO[bytes]) -> None:
    """Overwrite what an MP4 says of place and device by free space, so that nothing else moves.

    Where boxes do not add up the rest stays as it is. When a film was taken stays, and so does a track of places of its own.
    """
    _forget(file, 0, file.seek(0, os.SEEK_END), WITHIN)


def _forget(file: IO[bytes], start: int, end: int, within: tuple[bytes, ...]) -> None:
    while start + HEADER <= end:
        file.seek(start)
        size, name, header = int.from_bytes(file.read(4)), file.read(4), HEADER
        if size == 1:  # The size itself follows.
            size, header = int.from_bytes(file.read(8)), HEADER + 8
        elif size == 0:
            size = end - start
        if not header <= size <= end - start:
            return
        if name in METADATA:
            file.seek(start + 4)
            file.write(b"free")
            file.seek(start + header)
            file.write(bytes(size - header))
        elif within and name == within[0]:
            _forget(file, start + header, start + size, within[1:])
        start += size


class NotAVoiceError(EvidenceError):
    code = "not_a_voice"
    message = _("This is no recording. Send a voice message as WebM, Ogg or M4A.")


class NotAVideoError(EvidenceError):
    code = "not_a_video"
    message = _("This is no video. Send one as MP4 or WebM.")
