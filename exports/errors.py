"""Refusals about exports: a stable code, words that say what to do, the form's field they are about."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ExportError(Exception):
    code = "refused"
    message: str | Promise = _("This is not possible now.")
    field = ""

    def __init__(self, **words: object) -> None:
        self.message = self.message % words if words else self.message
        super().__init__(self.code)


class FiltersRefusedError(ExportError):
    code = "filters_refused"
    message = _("These filters cannot be used. Go back to the list and set them anew.")


class InTrainingError(ExportError):
    code = "in_training"
    message = _("Files are made of real events only. End the training, then ask for the file.")


class ScopeLostError(ExportError):
    code = "scope_lost"
    message = _("Your posts changed after you asked. Ask again for what you may see now.")


class NothingFoundError(ExportError):
    code = "nothing_found"
    message = _("Nothing matches these filters, so there is nothing to export. Take a filter away.")


class NothingToUnmaskError(ExportError):
    code = "nothing_to_unmask"
    message = _("Your post may unmask none of these rows. Export them masked.")
    field = "whole"


class ReasonMissingError(ExportError):
    code = "reason_missing"
    message = _("Personal data are exported for a reason only. Say what you need them for.")
    field = "reason"


class TooManyError(ExportError):
    code = "too_many"
    message = _("You have %(limit)s exports under way, and no more are taken. Wait for one, or cancel one.")


class NotWaitingError(ExportError):
    code = "not_waiting"
    message = _(
        "This export no longer waits: it was cancelled, or somebody decided already. Reload the page."
    )


class OwnExportError(ExportError):
    code = "own_export"
    message = _("Nobody approves their own export. Another security administrator must decide.")


class RefusalReasonMissingError(ExportError):
    code = "refusal_reason_missing"
    message = _("Say why it is refused: the person who asked reads it.")
    field = "decision"


class NotReadyError(ExportError):
    code = "not_ready"
    message = _("There is no file: it is not ready, or its time is over. Ask for the export again.")
