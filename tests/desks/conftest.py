from collections.abc import Callable

import pytest
from django.test import Client

from tests.cast import Cast


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def enter(cast) -> Callable[[str], Client]:
    """``enter("director")``: a browser in which that person is logged in and reads English."""

    def logged_in(name: str) -> Client:
        browser = Client(headers={"accept-language": "en"})
        browser.force_login(getattr(cast, name), backend="accounts.backends.PostBackend")
        return browser

    return logged_in
