"""The product's own processes for each test, on a database and a Valkey of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes.product import Product


@pytest.fixture
def product(fresh_database, valkey, tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path)
    yield product
    product.stop()


@pytest.fixture
def media(fresh_database, tmp_path: Path, settings, monkeypatch) -> Path:
    """The files of this process and of the product's."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))
    return settings.MEDIA_ROOT
