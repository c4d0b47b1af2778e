"""Help stands on every page, and all of it can be searched."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from desks.help import EXPLAINED, OTHERWISE, PAGES, STATES, help_of, names_of, terms


@pytest.fixture
def client(cast):
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(cast.director, backend="accounts.backends.PostBackend")
    return client


def test_every_page_has_help_and_every_term_it_names_is_explained():
    codes = {term.code for term in terms()}
    assert {*EXPLAINED, *STATES} <= codes
    for name in ("desks:home", "supervision:rates", "exports:new", "rules:routing", "nowhere:at_all"):
        assert help_of(name).words
    with override("en"):
        assert all(str(name) for page in PAGES.values() for _code, name in names_of(page.terms))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_two_pages_have_one_name(language):
    with override(language):
        titles = [str(page.title) for page in PAGES.values()]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    "name", ["desks:centre", "desks:letters", "desks:compare", "incidents:incident", "incidents:plans", "supervision:daily",
             "areas:places", "rules:phrases"],
)  # fmt: skip
def test_the_desk_s_other_pages_teach_themselves_and_not_the_loop_alone(name):
    assert help_of(name).title != OTHERWISE.title
    assert help_of(name) != help_of(name.partition(":")[0] + ":") or name == "incidents:incident"


@pytest.mark.parametrize("address", ["/", "/events/", "/exports/", "/inbox/", "/help/"])
def test_the_drawer_opens_on_every_page(client, address):
    page = client.get(address).content.decode()
    assert "help-drawer" in page and 'href="/help/"' in page


def test_the_help_is_searched(client):
    found = client.get(reverse("desks:help"), {"q": "recall"}).content.decode()
    assert 'id="term-recall"' in found and 'id="term-holder"' not in found
    nothing = client.get(reverse("desks:help"), {"q": "zebra"}).content.decode()
    assert "Nothing in the help has these words." in nothing and "All of the help" in nothing
