import pytest

from accounts import scope
from grids import memory
from tests.cast import Cast, Story


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


@pytest.fixture
def story(cast) -> Story:
    """A shop that blocks the road: normal, four working hours, decided by the street's room."""
    return Story(cast)


@pytest.fixture
def forget():
    """For tests that change posts, rungs, the calendar or the list beside their versions: call it afterwards.

    At the end it is called once more, for what is rolled back must not be remembered.
    """

    def forget_() -> None:
        scope._cache.clear()
        memory.forget()

    yield forget_
    forget_()
