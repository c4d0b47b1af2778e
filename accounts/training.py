"""Training (练习): for some hours what a person reports is practice, and they see nothing real.

The mode is the person's, on every device, and is kept on the server. It ends by itself, so that nobody
reports something real into it by forgetting; API tokens of the person stay outside it.
"""

from datetime import datetime, timedelta

from accounts.models import User

LASTS = timedelta(hours=4)


def begin(*, user: User, now: datetime) -> None:
    _set(user, now + LASTS)


def end(*, user: User) -> None:
    _set(user, None)


def _set(user: User, until: datetime | None) -> None:
    user.training_until = until
    user.save(update_fields=["training_until"])
