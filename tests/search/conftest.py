from tests.desks.conftest import cast, enter

__all__ = ["cast", "enter"]
