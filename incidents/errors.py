"""Refusals of a major incident's own acts; those of a member's moves are the loop's."""

from django.utils.translation import gettext_lazy as _

from dispatch.errors import MoveError


class IncidentError(MoveError):
    """A refused act. Nothing was written."""


class NotTheCommandError(IncidentError):
    code, status = "not_the_command", 403
    message = _("Only the organisation that commands this incident does this.")


class IncidentClosedError(IncidentError):
    code = "incident_closed"
    message = _("The incident is closed, or being closed. Reload the page.")


class NoSuchIncidentError(IncidentError):
    code = "no_such_incident"
    message = _("Your organisation commands no open incident of this number.")


class NoCommandError(IncidentError):
    code, status = "no_command", 403
    message = _("A street's command room or the district centre opens a major incident.")


class NothingToSendError(IncidentError):
    code = "nobody_to_tell"
    message = _("No reporter of this incident can be told. Gather reports first.")


class ReasonMissingError(IncidentError):
    code, status = "reason_missing", 400
    message = _("Say why, in a few words.")


class NotAChoiceError(IncidentError):
    code, status = "not_a_choice", 400
    message = _("This cannot become of a member in its present state. Look at the list again.")


class TooManyAtOnceError(IncidentError):
    code, status = "too_many_events", 400
    message = _("At most 200 reports at a time. Choose fewer; the rest can follow.")


class KeyTakenError(IncidentError):
    code = "different_content"
    message = _("This key was sent already with other content. Use a new key for something new.")
