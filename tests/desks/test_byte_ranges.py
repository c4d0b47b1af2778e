"""Which bytes of a file a player gets."""

from io import BytesIO

import pytest

from desks.byte_ranges import NoSuchBytesError, Slice, Span, wanted_span


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        ("bytes=0-1", 0, 1),  # Safari's first question
        ("bytes=0-", 0, 99),
        ("bytes=40-", 40, 99),
        ("bytes=99-99", 99, 99),
        ("bytes=90-5000", 90, 99),
        ("bytes=-10", 90, 99),
        ("bytes=-5000", 0, 99),
        ("bytes= 5-7", 5, 7),
    ],
)
def test_one_span(told, first, last):
    span = wanted_span(told, 100)
    assert (span.first, span.last) == (first, last)
    assert str(span) == f"bytes {first}-{last}/100" and span.length == last - first + 1


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "bytes=-",
        "bytes=7-5",
        "bytes=0-1,5-6",
        "items=0-1",
        "bytes=a-b",
        "bytes=0-" + "9" * 19,
        "bytes=１-2",
    ],
)
def test_what_is_not_one_span_gets_the_whole_file(told):
    assert wanted_span(told, 100) is None


@pytest.mark.parametrize(
    ("told", "size"), [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100), ("bytes=0-", 0)]
)
def test_behind_the_end_there_is_nothing(told, size):
    with pytest.raises(NoSuchBytesError):
        wanted_span(told, size)


def test_a_slice_ends_where_its_span_does():
    part = Slice(BytesIO(bytes(range(100))), Span(10, 29, 100))
    assert b"".join(iter(lambda: part.read(8), b"")) == bytes(range(10, 30))
    assert not hasattr(part, "fileno")
