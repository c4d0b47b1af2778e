from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client

from accounts.models import User
from tests.phone.phones import Phone


@pytest.fixture
def phone(site, chromium, tmp_path: Path) -> Iterator[Callable[..., Phone]]:
    """``phone("worker")``: that person's phone, with a storage of its own."""
    phones: list[Phone] = []

    def bought(person: str | None = "worker", **device) -> Phone:
        phones.append(Phone(chromium, tmp_path / f"phone-{len(phones)}", site, person, **device))
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
