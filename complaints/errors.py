"""Refusals of the complaint box."""

from django.utils.translation import gettext_lazy as _

from dispatch.errors import MoveError, NotFoundError


class ComplaintError(MoveError):
    """A refused act. Nothing was written."""


class NoSuchComplaintError(NotFoundError):
    message = _("There is no such complaint for you.")


class KeyTakenError(ComplaintError):
    code = "different_content"
    message = _("A complaint with this key exists already with other content. Send it under a new key.")


class TooManyOpenError(ComplaintError):
    code = "too_many_open"
    message = _(
        "20 of your complaints wait for an answer, the most there may be. Close those that are settled, or wait."
    )


class NotOpenError(ComplaintError):
    code = "not_open"
    message = _("This complaint was answered or closed meanwhile. Your answer was not sent.")
