"""What a move will do, said before it is sent; and what must be confirmed because nothing brings it back."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

BEFORE: dict[str, str | Promise] = {
    "refuse_sample": _("It is opened again at the desk and no longer counts as closed on the spot."),
    "ask_check": _(
        "The grid worker of the place looks and answers. Your clock to accept stands still meanwhile; you may "
        "also accept without waiting."
    ),
    "answer_check": _("Say what you see there; the desk decides."),
    "restore": _("It comes back to the desk, which accepts it anew. The whole deadline stays as it was."),
    "merge": _("The matter goes on under the leading event, and the reporter is told so."),
    "split": _(
        "This event keeps what fits it. The new one gets its own item, place and limits; its clocks start with "
        "the first report."
    ),
    "correct": _("Old and new stay in the story. The urgency may be raised, not lowered."),
    "transfer": _("You stay in charge, and your clock runs on, until the other desk has taken it."),
    "accept_transfer": _("Your desk decides from now on, with a clock of its own. The whole deadline stays."),
    "refuse_transfer": _("The event then goes to the district centre, which names the handler."),
    "escalate": _("The next desk up decides from now on; an organisation at work keeps working."),
    "hand_down": _(
        "An event is handed down once. The lower desk gets a clock of its own; the whole deadline stays."
    ),
    "recall": _("It comes back to the desk. This is not charged to the organisation."),
    "refuse_return": _(
        "It goes back to the same lead with the same deadline, and the return counts as groundless."
    ),
    "assist_decline": _("Only your organisation leaves; the event stays with its lead."),
    "request_extension": _("It can be asked for once. Until the desk has decided, the clock runs on."),
    "request_hold": _("The district centre decides. Until then the clock runs on."),
    "hold": _("The clocks stand still until it is resumed, and the lead keeps the safety measure up."),
    "refuse_hold": _("The clock has run on; the lead goes on handling."),
    "resume": _("The clocks run on; the deadline moves by the time they stood still."),
    "reopen": _(
        "It comes back to the desk with half the limit. The whole deadline stays, only the last closing counts."
    ),
    "answer_reporter": _("The reporter reads these words as they stand."),
    "rate": _("Thank you for telling us. If you are not satisfied, the desk looks at it again."),
    "join_incident": _(
        "It stays in the loop as it is; the incident's command sees it, tells its reporter and closes it with "
        "the others."
    ),
    "leave_incident": _("It goes on in the loop by itself, and its desk is told."),
    "urge": _("Whoever has it in hand is told at once, with your words."),
    "supervise": _(
        "It is marked red, and the head of the lead must answer in writing within the time set for it."
    ),
    "answer_supervision": _("Your written answer as the head; it stays in the story."),
}
CONFIRM: dict[str, str | Promise] = {
    "withdraw": _(
        "Your report ends here and nobody works on it. It cannot be brought back; you can only report anew."
    ),
    "force_close": _("It ends whatever its state, every order with it, and always counts as closed late."),
    "void": _(
        "It ends for good, every order with it. It stays readable, but leaves the figures, and no verb brings it back."
    ),
}
"""Behind these stands a box to tick."""
