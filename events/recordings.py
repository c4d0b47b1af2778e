"""Voice and video sent as evidence: told by content, never by name, and kept as they came.

What the recorders of phones and browsers write: WebM, Ogg, and MP4 with its relatives M4A, MOV and 3GP. Nothing is
decoded here; whoever plays it is the browser, in a sandbox. Knows no database and no settings.
"""

from django.utils.translation import gettext_lazy as _

from events.images import EvidenceError

HEAD = 64
"""Bytes that tell what it is."""
PICTURES = (b"heic", b"heix", b"hevc", b"heif", b"mif1", b"msf1", b"avif", b"avis")
"""Brands of the MP4 family that hold a picture."""


def container_of(head: bytes) -> str | None:
    """``webm``, ``ogg`` or ``mp4``, by the first bytes; None for anything else."""
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:HEAD]:
        return "webm"
    if head.startswith(b"OggS"):
        return "ogg"
    if head[4:8] == b"ftyp" and head[8:12] not in PICTURES:
        return "mp4"
    return None


class NotAVoiceError(EvidenceError):
    code = "not_a_voice"
    message = _("This is no recording. Send a voice message as WebM, Ogg or M4A.")


class NotAVideoError(EvidenceError):
    code = "not_a_video"
    message = _("This is no video. Send one as MP4 or WebM.")
