"""A phrase being written: whose, for which verb and items, its text; only known placeholders are taken."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization, User
from accounts.scope import Scope
from dispatch.models import Phrase
from dispatch.phrases import PLACEHOLDERS, PhraseError, check_text, verbs_with_text
from events.catalogue import items_now

MINE, DISTRICT = "mine", "district"
TEXT_LIMIT = 500


class PhraseForm(forms.Form):
    """``owners``: 'mine', the keys of the organisations the person heads, 'district' for the keeper of the rules."""

    owner = forms.ChoiceField(label=_("Whose"))
    verb = forms.ChoiceField(label=_("For the step"))
    item_prefix = forms.CharField(
        label=_("Only for items whose code begins with"),
        max_length=10,
        required=False,
        help_text=_("Empty: every item. 302: a whole category."),
    )
    text_zh = forms.CharField(
        label=_("Text"),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3, "class": "form-control"}),
    )
    text_en = forms.CharField(
        label=_("English text"),
        max_length=TEXT_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
        help_text=_("For those who work in English; else the text above stands."),
    )

    def __init__(self, data: Any, *, user: User, scope: Scope, phrase: Phrase | None = None):
        self.user, self.scope, self.phrase = user, scope, phrase
        super().__init__(data, initial=_initial(phrase) if phrase else {"owner": MINE})
        self.fields["owner"].choices = owners(scope)  # type: ignore[attr-defined]
        self.fields["verb"].choices = list(verbs_with_text().items())  # type: ignore[attr-defined]
        for name in ("owner", "verb"):
            self.fields[name].widget.attrs["class"] = "form-select"
        self.fields["item_prefix"].widget.attrs["class"] = "form-control num"
        marks = str(_(", ")).join(f"{{{name}}} {words}" for name, words in PLACEHOLDERS.items())
        self.fields["text_zh"].help_text = _("Placeholders: %(marks)s.") % {"marks": marks}

    def clean_item_prefix(self) -> str:
        prefix = self.cleaned_data["item_prefix"]
        if prefix and not any(item.code.startswith(prefix) for item in items_now(self.user.district)):
            raise ValidationError(_("No item's code begins so. Look it up in the checklist."), "unknown_item")
        return prefix

    def clean_text_zh(self) -> str:
        return self._checked("text_zh")

    def clean_text_en(self) -> str:
        return self._checked("text_en")

    def _checked(self, name: str) -> str:
        try:
            check_text(self.cleaned_data[name])
        except PhraseError as error:
            raise ValidationError(str(error), error.code) from None
        return self.cleaned_data[name]

    def written(self) -> Phrase:
        """The phrase as it is to be saved."""
        phrase, given = self.phrase or Phrase(district=self.user.district), self.cleaned_data
        phrase.verb, phrase.item_prefix = given["verb"], given["item_prefix"]
        phrase.text_zh, phrase.text_en = given["text_zh"], given["text_en"]
        owner = given["owner"]
        phrase.person = self.user if owner == MINE else None
        phrase.organization_id = None if owner in (MINE, DISTRICT) else int(owner)
        return phrase


def owners(scope: Scope) -> list[tuple[str, Any]]:
    headed = Organization.objects.filter(pk__in=scope.units("head_org")).order_by("code")
    found: list[tuple[str, Any]] = [(MINE, _("mine"))]
    found += [(str(unit.pk), unit.name) for unit in (headed if scope.units("head_org") else [])]
    return [*found, (DISTRICT, _("the district's"))] if scope.units("manage_rules") else found


def _initial(phrase: Phrase) -> dict[str, Any]:
    owner = MINE if phrase.person_id else str(phrase.organization_id or DISTRICT)
    return {
        "owner": owner,
        "verb": phrase.verb,
        "item_prefix": phrase.item_prefix,
        "text_zh": phrase.text_zh,
        "text_en": phrase.text_en,
    }
