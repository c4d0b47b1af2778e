"""What a sent picture becomes, and what is refused."""

import struct
import zlib
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import ExifTags, Image, ImageCms
from PIL.TiffImagePlugin import IFDRational

from events.images import (
    DamagedImageError,
    EmptyFileError,
    NotAnImageError,
    TooManyBytesError,
    TooManyPixelsError,
    read_image,
    thumbnail,
)

LIMITS = {"max_bytes": 2_000_000, "max_pixels": 12_000_000}


def encoded(image: Image.Image, format: str = "JPEG", **options) -> bytes:
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def two_colours(width: int = 400, height: int = 300) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", (width, height), (200, 0, 0))
    image.paste((0, 0, 200), (0, height // 2, width, height))
    return image


def exif(
    *, orientation: int = 1, offset: str | None = None, taken: str = "2019:05:03 10:11:12", gps=None
) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.Make] = "Camera"
    inner = tags.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        inner[ExifTags.Base.OffsetTimeOriginal] = offset
    tags.get_ifd(ExifTags.IFD.GPSInfo).update(gps or {})
    return tags


def gps(east_west: str = "E", north_south: str = "N") -> dict[int, object]:
    """30°16'30" and 120°12'36"."""
    return {
        ExifTags.GPS.GPSLatitudeRef: north_south,
        ExifTags.GPS.GPSLatitude: (30.0, 16.0, 30.0),
        ExifTags.GPS.GPSLongitudeRef: east_west,
        ExifTags.GPS.GPSLongitude: (120.0, 12.0, 36.0),
    }


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0"))
        + chunk(b"IEND", b"")
    )


# What it becomes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("orientation", "size", "top_left"),
    [
        (1, (400, 300), "red"),
        (2, (400, 300), "red"),
        (3, (400, 300), "blue"),
        (4, (400, 300), "blue"),
        (5, (300, 400), "red"),
        (6, (300, 400), "blue"),
        (7, (300, 400), "blue"),
        (8, (300, 400), "red"),
    ],
)
def test_a_picture_is_turned_upright(orientation, size, top_left):
    picture = read_image(encoded(two_colours(), exif=exif(orientation=orientation)), **LIMITS)

    image = opened(picture.jpeg)
    assert (picture.width, picture.height) == image.size == size
    red, _green, blue = image.getpixel((20, 20))
    assert (red > blue) == (top_left == "red")


def test_time_and_place_are_read_and_every_trace_is_removed():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(
        two_colours(), exif=exif(gps=gps()), icc_profile=profile, comment=b"taken by Wang", dpi=(72, 72)
    )

    picture = read_image(data, **LIMITS)

    assert picture.taken_at == datetime(2019, 5, 3, 2, 11, 12, tzinfo=UTC)
    assert (picture.longitude, picture.latitude) == (120.21, 30.275)
    image = opened(picture.jpeg)
    assert image.format == "JPEG"
    assert not image.getexif()
    assert not {"exif", "icc_profile", "comment", "xmp", "dpi"} & image.info.keys()
    assert b"Camera" not in picture.jpeg


@pytest.mark.parametrize(
    ("tags", "taken_at"),
    [
        (exif(offset="+08:00"), datetime(2019, 5, 3, 2, 11, 12, tzinfo=UTC)),
        (exif(offset="-05:30"), datetime(2019, 5, 3, 15, 41, 12, tzinfo=UTC)),
        (exif(offset="   :  "), datetime(2019, 5, 3, 2, 11, 12, tzinfo=UTC)),
        (exif(taken="0000:00:00 00:00:00"), None),
        (exif(taken="yesterday"), None),
        (exif(taken="0001:01:01 00:00:00", offset="+08:00"), None),
    ],
)
def test_the_time_a_camera_writes_may_be_anything(tags, taken_at):
    assert read_image(encoded(two_colours(), exif=tags), **LIMITS).taken_at == taken_at


@pytest.mark.parametrize(
    ("tags", "place"),
    [
        (gps("W", "S"), (-120.21, -30.275)),
        ({}, (None, None)),
        (gps() | {ExifTags.GPS.GPSLatitude: (91.0, 0.0, 0.0)}, (None, None)),
        (gps() | {ExifTags.GPS.GPSLatitude: (30.0, 16.0)}, (None, None)),
        (gps() | {ExifTags.GPS.GPSLatitude: (IFDRational(0, 0), 0.0, 0.0)}, (None, None)),
        (
            gps() | {ExifTags.GPS.GPSLatitude: (0.0, 0.0, 0.0), ExifTags.GPS.GPSLongitude: (0.0, 0.0, 0.0)},
            (None, None),
        ),
    ],
)
def test_the_place_a_camera_writes_may_be_anything(tags, place):
    picture = read_image(encoded(two_colours(), exif=exif(gps=tags)), **LIMITS)

    assert (picture.longitude, picture.latitude) == place


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "broken",
    [b"Exif\0\0rubbish", b"Exif\0\0II*\0\xff\xff\xff\xff", exif(gps=gps()).tobytes()[:90]],
    ids=["rubbish", "pointing nowhere", "cut off"],
)
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_broken_exif_does_not_lose_the_picture(format, broken):
    picture = read_image(encoded(two_colours(), format, exif=broken), **LIMITS)

    assert (picture.width, picture.height) == (400, 300)


@pytest.mark.parametrize("format", ["JPEG", "MPO", "PNG", "WEBP", "HEIF"])
def test_each_accepted_format_becomes_jpeg(format):
    picture = read_image(encoded(two_colours(), format, exif=exif(gps=gps())), **LIMITS)

    assert opened(picture.jpeg).format == "JPEG"
    assert (picture.width, picture.height) == (400, 300)
    assert picture.longitude == 120.21


def test_a_turned_heic_is_turned_once():
    """A phone writes the turn twice, in the container and in EXIF."""
    image = two_colours()
    image.info["exif"] = exif(orientation=6).tobytes()

    picture = read_image(encoded(image, "HEIF"), **LIMITS)

    assert (picture.width, picture.height) == (300, 400)
    assert opened(picture.jpeg).getpixel((20, 20))[2] > 150


@pytest.mark.parametrize(
    ("source", "format"),
    [
        (Image.new("1", (40, 30), 1), "PNG"),
        (Image.new("L", (40, 30), 200), "JPEG"),
        (Image.new("LA", (40, 30), (200, 255)), "PNG"),
        (Image.new("P", (40, 30), 0), "PNG"),
        (Image.new("I;16", (40, 30), 200 * 256), "PNG"),
        (Image.new("CMYK", (40, 30), (40, 40, 40, 0)), "JPEG"),
    ],
    ids=lambda value: getattr(value, "mode", value),
)
def test_every_colour_mode_is_taken(source, format):
    picture = read_image(encoded(source, format), **LIMITS)

    assert opened(picture.jpeg).mode == "RGB"
    if source.mode == "I;16":
        assert opened(picture.jpeg).getpixel((5, 5)) == pytest.approx((200, 200, 200), abs=3)


def test_a_signature_on_nothing_stands_on_white():
    pad = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    pad.paste((0, 0, 0, 255), (100, 40, 200, 60))

    image = opened(read_image(encoded(pad, "PNG"), **LIMITS).jpeg)

    assert image.getpixel((10, 10)) == (255, 255, 255)
    assert max(image.getpixel((150, 50))) < 10


def test_a_broken_colour_profile_does_not_lose_the_picture():
    picture = read_image(encoded(two_colours(), icc_profile=b"not a profile" * 20), **LIMITS)

    assert picture.width == 400


def test_of_an_animation_the_first_frame_is_kept():
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("red", "lime", "blue")]

    for format in ("PNG", "WEBP"):
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:])
        red, green, blue = opened(read_image(data, **LIMITS).jpeg).getpixel((10, 10))
        assert red > 240 and green < 20 and blue < 20


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_large_picture_is_scaled_to_2560_and_a_thumbnail_to_480(format):
    picture = read_image(encoded(two_colours(4000, 3000), format), **LIMITS)

    assert (picture.width, picture.height) == (2560, 1920)
    assert opened(thumbnail(picture.jpeg)).size == (480, 360)


def test_a_small_picture_stays_as_small_as_it_is():
    assert opened(thumbnail(encoded(two_colours(100, 80)))).size == (100, 80)


# What is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "error", "code"),
    [
        (b"", EmptyFileError, "empty_file"),
        (b"a shopping list called photo.jpg", NotAnImageError, "not_an_image"),
        (b"%PDF-1.4\n", NotAnImageError, "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAnImageError, "not_an_image"),
        (encoded(two_colours(), "GIF"), NotAnImageError, "not_an_image"),
        (encoded(two_colours(), "TIFF"), NotAnImageError, "not_an_image"),
        (encoded(two_colours()) + b"\0" * 2_000_000, TooManyBytesError, "image_too_large_bytes"),
        (png_header(30_000, 30_000), TooManyPixelsError, "image_too_many_pixels"),
        (png_header(4000, 3001), TooManyPixelsError, "image_too_many_pixels"),
        (png_header(10_000, 10_000), TooManyPixelsError, "image_too_many_pixels"),
        (png_header(400, 300), DamagedImageError, "image_damaged"),
        (b"\xff\xd8\xff\xe0 and nothing more", DamagedImageError, "image_damaged"),
    ],
    ids=[
        "empty",
        "text",
        "pdf",
        "svg",
        "gif",
        "tiff",
        "bytes",
        "bomb",
        "one row",
        "large",
        "hollow",
        "start only",
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_refused_with_a_code_and_what_to_do(data, error, code):
    with pytest.raises(error) as refusal:
        read_image(data, **LIMITS)

    assert refusal.value.code == code
    assert refusal.value.field == "file"
    assert str(refusal.value)
    assert "%(" not in str(refusal.value)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9])
def test_a_cut_off_file_is_damaged(format, kept):
    noise = Image.effect_noise((200, 150), 80).convert("RGB")
    data = encoded(noise, format)

    with pytest.raises(DamagedImageError):
        read_image(data[: int(len(data) * kept)], **LIMITS)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    def unpack(self):
        raise AssertionError("unpacked")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", unpack)

    with pytest.raises(TooManyPixelsError):
        read_image(png_header(8000, 8000), **LIMITS)
