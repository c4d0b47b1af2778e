from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from tests.browser.chromium import WITHOUT_WINDOWS
from tests.phone.phones import Phone


@pytest.fixture
def program() -> str:
    """What runs on the phones."""
    return WITHOUT_WINDOWS


@pytest.fixture
def phone(site, chromium, program, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """``phone("worker")``: that person's phone, with a storage of its own."""
    phones: list[Phone] = []

    def bought(person: str | None = "worker", **device) -> Phone:
        folder = tmp_path / f"phone-{len(phones)}"
        phones.append(Phone(chromium, folder, site, person, program=program, **device))
        return phones[-1]

    yield bought
    for each in phones:
        each.close()


@pytest.fixture
def enter() -> Callable[[str], Client]:
    """``enter("worker")``: a browser with this person logged in."""

    def log_in(name: str) -> Client:
        browser = Client(headers={"accept-language": "en"})
        browser.force_login(User.objects.get(username=name), backend="accounts.backends.PostBackend")
        return browser

    return log_in
