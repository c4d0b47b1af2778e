"""Who can be told of a step: the codes of the ladder's rungs and of the inbox, which finds the people behind them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Recipient(models.TextChoices):
    """An organisation by its part in the event, and among its people those whose work it is."""

    HOLDER = "holder", _("whoever has the event in hand")
    DESK = "desk", _("everybody at the desk")
    ACCEPTORS = "acceptors", _("who accepts at the desk")
    DISPATCHERS = "dispatchers", _("who dispatches at the desk")
    VERIFIERS = "verifiers", _("who verifies at the desk")
    FORMER_DESK = "former_desk", _("the desk that had it before")
    ASKED_DESK = "asked_desk", _("the desk that is asked to take it")
    LEAD = "lead", _("the lead")
    HEAD = "head", _("the head of the lead")
    ASSISTANTS = "assistants", _("the assistants")
    CHECKERS = "checkers", _("the grid team of the place")
    SAMPLER = "sampler", _("who checks the sample")
    CENTRE = "centre", _("the district centre's duty officer")
    SUPERVISORS = "supervisors", _("who put it under supervision")
    REPORTER = "reporter", _("the reporter")
    WATCHERS = "watchers", _("the reporters of the events merged into it")
