from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import TEXT_LENGTH, Complaint


class ComplaintForm(forms.Form):
    id = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        max_length=TEXT_LENGTH,
        label=_("What is wrong, or what would help you?"),
        help_text=_("One thing at a time: what you wanted to do, and what happened instead."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AnswerForm(forms.Form):
    answer = forms.CharField(
        max_length=TEXT_LENGTH,
        label=_("Your answer"),
        help_text=_("What is being done about it, or how it works. Its author reads it."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class BoxForm(forms.Form):
    """The filters of the list, in its URL."""

    state = forms.ChoiceField(
        choices=[("", _("All")), *Complaint.State.choices], required=False, label=_("State")
    )
    q = forms.CharField(max_length=100, required=False, label=_("Words or name"))
