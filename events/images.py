"""Pictures sent as evidence: checked, turned upright, freed of metadata and stored as JPEG.

The type is told by content, never by name: JPEG, PNG, WebP and HEIC, of an animation the first frame.
What EXIF says about time and place is read and then dropped with all other metadata; colours become
sRGB. Sizes are pixels, times UTC, coordinates WGS84 degrees. Knows no database and no settings.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageCms
from pillow_heif import register_heif_opener

register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONG_SIDE = 2560
THUMBNAIL_SIDE = 480
LOCAL_TIME = ZoneInfo("Asia/Shanghai")
"""Of a camera that does not name its offset."""

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by EXIF orientation."""


@dataclass(frozen=True, slots=True)
class Picture:
    jpeg: bytes
    width: int
    height: int
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None


def read_image(data: bytes, *, max_bytes: int, max_pixels: int) -> Picture:
    """The picture in these bytes, its long side at most 2560 px.

    Raises EmptyFileError, TooManyBytesError, NotAnImageError, TooManyPixelsError or DamagedImageError.
    """
    image = _decode(data, max_bytes=max_bytes, max_pixels=max_pixels, side=LONG_SIDE)
    exif = _exif(image)
    place = _place(exif)
    upright = _srgb(_shrunk(image, LONG_SIDE))
    if turn := UPRIGHT.get(exif.get(ExifTags.Base.Orientation, 1)):
        upright = upright.transpose(turn)
    return Picture(_jpeg(upright, quality=85), *upright.size, _taken_at(exif), *(place or (None, None)))


def thumbnail(jpeg: bytes) -> bytes:
    """A JPEG of at most 480 px of a stored one; raises NotAnImageError or DamagedImageError."""
    image = _decode(jpeg, max_bytes=len(jpeg), max_pixels=LONG_SIDE**2, side=THUMBNAIL_SIDE)
    return _jpeg(_srgb(_shrunk(image, THUMBNAIL_SIDE)), quality=80)


def _decode(data: bytes, *, max_bytes: int, max_pixels: int, side: int) -> Image.Image:
    """The loaded first frame; a JPEG may come scaled down, but never below ``side``."""
    if not data:
        raise EmptyFileError
    if len(data) > max_bytes:
        raise TooManyBytesError(megabytes=max_bytes // 1_000_000)
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixelsError(megapixels=max_pixels // 1_000_000) from error
    except Exception as error:  # a reader meets damage with almost any exception
        raise (DamagedImageError if _has_a_known_start(data) else NotAnImageError) from error
    if image.width * image.height > max_pixels:
        raise TooManyPixelsError(megapixels=max_pixels // 1_000_000)
    try:
        if image.format in ("JPEG", "MPO"):  # HEIC would answer with its embedded preview
            image.draft(None, (side, side))
        image.load()
    except Exception as error:
        raise DamagedImageError from error
    return image


def _has_a_known_start(data: bytes) -> bool:
    return (
        data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or (data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"))
    )


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    if image.mode in ("1", "P"):  # palette indices cannot be averaged
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    image.thumbnail((side, side))
    return image


def _srgb(image: Image.Image) -> Image.Image:
    """Opaque, on white, in sRGB, and without anything but its pixels."""
    profile = image.info.get("icc_profile")
    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if alpha:
        image = image.convert("RGB")
    if profile:
        try:
            target = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, BytesIO(profile), target, outputMode="RGB") or image
        except ImageCms.PyCMSError:
            pass  # a broken profile costs the exact hue, not the picture
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image.convert("RGB"), mask=alpha)
    return plain


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


# EXIF: written by any camera, so anything may be in it; what makes no sense counts as not said -----


def _exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except Exception:
        return Image.Exif()


def _taken_at(exif: Image.Exif) -> datetime | None:
    try:
        tags = exif.get_ifd(ExifTags.IFD.Exif)
        taken = datetime.strptime(tags[ExifTags.Base.DateTimeOriginal].strip("\0 "), "%Y:%m:%d %H:%M:%S")
        return taken.replace(tzinfo=_offset(tags.get(ExifTags.Base.OffsetTimeOriginal))).astimezone(UTC)
    except Exception:
        return None


def _offset(text: Any) -> Any:
    try:
        return datetime.strptime(text.strip("\0 "), "%z").tzinfo
    except (AttributeError, ValueError):
        return LOCAL_TIME


def _place(exif: Image.Exif) -> tuple[float, float] | None:
    """Longitude and latitude."""
    try:
        tags = exif.get_ifd(ExifTags.IFD.GPSInfo)
        longitude = _degrees(tags[ExifTags.GPS.GPSLongitude], tags[ExifTags.GPS.GPSLongitudeRef], "W")
        latitude = _degrees(tags[ExifTags.GPS.GPSLatitude], tags[ExifTags.GPS.GPSLatitudeRef], "S")
    except Exception:
        return None
    if (longitude, latitude) == (0, 0):  # what cameras write while they search for satellites
        return None
    return (longitude, latitude) if abs(longitude) <= 180 and abs(latitude) <= 90 else None


def _degrees(parts: tuple, reference: str, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not isfinite(value):
        raise ValueError(value)
    return round(-value if reference.strip("\0 ") == negative else value, 7)


# Refusals ---------------------------------------------------------------------------------------


class EvidenceError(Exception):
    """A file that cannot be taken. ``code`` never changes; the message says what to do."""

    code: str
    message: Any
    field = "file"

    def __init__(self, **params: Any):
        super().__init__(self.message % params)


class EmptyFileError(EvidenceError):
    code = "empty_file"
    message = _("The file is empty. Choose it again, or take the photo again.")


class TooManyBytesError(EvidenceError):
    code = "image_too_large_bytes"
    message = _("The file is larger than %(megabytes)s MB. Send a smaller one.")


class TooManyPixelsError(EvidenceError):
    code = "image_too_many_pixels"
    message = _("The picture has more than %(megapixels)s million pixels. Send a smaller one.")


class NotAnImageError(EvidenceError):
    code = "not_an_image"
    message = _("This is not a picture. Send a photo as JPEG, PNG, WebP or HEIC.")


class DamagedImageError(EvidenceError):
    code = "image_damaged"
    message = _("The picture is damaged or was cut off on its way. Send it again, or take it again.")
