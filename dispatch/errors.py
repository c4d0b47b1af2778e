"""Refusals of the loop: a stable code, words that say what to do, the fields they are about.

``status`` is the HTTP status that pages and API answer with; ``extra`` tells the caller the present
state of the event.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _


class MoveError(Exception):
    """A refused move. Nothing was written."""

    code = "refused"
    status = 409
    message = _("This is not possible now.")

    def __init__(
        self,
        message: Any = None,
        *,
        code: str | None = None,
        fields: dict[str, list[dict]] | None = None,
        **extra: Any,
    ):
        self.code = code or type(self).code
        self.message = message or type(self).message
        self.fields = fields or {}
        self.extra = extra
        super().__init__(self.code)


class NotFoundError(MoveError):
    code, status = "not_found", 404
    message = _("There is no such event, or it is not in your area. Check the number.")


class NotPermittedError(MoveError):
    code, status = "not_permitted", 403
    message = _("Your post may not do this with this event. Ask the desk that decides about it.")


class WrongStateError(MoveError):
    code = "wrong_state"
    message = _("The event has moved on, and this is not possible in its present state. Reload the page.")


class StaleVersionError(MoveError):
    code = "stale_version"
    message = _(
        "Somebody moved this event while your page was open. Look at what was done, then decide again."
    )


class InputError(MoveError):
    code, status = "invalid_input", 400
    message = _("Some of what you entered cannot be used. Correct the marked fields; nothing was lost.")


class DifferentContentError(MoveError):
    code = "different_content"
    message = _("A report with this key exists already with other content. Make a new report.")


class ModeChangedError(MoveError):
    code = "training_changed"
    message = _("Training has begun or ended since this page was opened. Load the page again, then send.")


class RequestTakenError(MoveError):
    code = "request_taken"
    message = _("Another move of this event has this request key already. Send the move with a new key.")
