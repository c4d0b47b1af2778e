"""The prepared pictures can be used as evidence, are always alike and belong to real items."""

import csv
from importlib.resources import files
from io import BytesIO

import pytest
from PIL import Image

from demo.pictures import PICTURES, PLACES, picture


def test_there_are_twenty_and_every_after_has_its_before():
    assert len(PICTURES) == 20
    assert all("before" in moments for _draw, _items, moments in PLACES.values())
    assert {moment for _items, moment in PICTURES.values()} == {"before", "after"}


@pytest.mark.parametrize("name", PICTURES)
def test_each_is_a_small_jpeg_of_its_own(name):
    data = picture(name)

    assert Image.open(BytesIO(data)).size == (1280, 960)
    assert Image.open(BytesIO(data)).format == "JPEG"
    assert len(data) < 150_000
    assert [other for other in PICTURES if picture(other) == data] == [name]


def test_drawn_again_it_is_the_same_to_the_byte():
    again = picture.__wrapped__

    assert again("vendor_before") == picture("vendor_before")


def test_their_items_are_in_the_checklist():
    with (files("events") / "data" / "event_items.csv").open(encoding="utf-8") as rows:
        known = {row["code"] for row in csv.DictReader(rows)}

    assert {item for items, _moment in PICTURES.values() for item in items} <= known


def test_an_unknown_name_is_refused():
    with pytest.raises(KeyError):
        picture("fire_lane")
