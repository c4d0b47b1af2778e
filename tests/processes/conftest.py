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
