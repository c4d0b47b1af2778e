"""The forms of log-in, password, accounts, posts, tokens and the audit log's filters."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import audit, tokens
from accounts.models import Organization, Role, User
from accounts.tokens import TokenScope
from grids.models import District

LONGEST_NAME = User._meta.get_field("username").max_length or 0


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": gettext_lazy(
            "User name or password is wrong. After five tries the log-in waits 15 minutes."
        ),
        "inactive": gettext_lazy("This account is not active."),
    }

    def clean(self) -> dict:
        """A name longer than any is wrong before axes would have to note it."""
        if len(self.cleaned_data.get("username", "")) > LONGEST_NAME:
            raise self.get_invalid_login_error()
        return super().clean()


class NewPasswordForm(PasswordChangeForm):
    def clean_new_password1(self) -> str:
        """An old password that is only typed again grows no younger."""
        new = self.cleaned_data["new_password1"]
        if self.user.check_password(new):
            raise forms.ValidationError(_("Choose a password that differs from the old one."), "same")
        return new


class AccountForm(forms.ModelForm):
    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=60,
        validators=[
            RegexValidator(r"^[a-z0-9][a-z0-9._@-]*$", gettext_lazy("Small letters, figures and . _ - @"))
        ],
        help_text=gettext_lazy("Small letters, figures and . _ - @"),
    )

    class Meta:
        model = User
        fields = ["username", "display_name", "phone"]


class PostForm(forms.Form):
    role = forms.ModelChoiceField(Role.objects.all(), label=gettext_lazy("Post"))
    organization = forms.ModelChoiceField(
        Organization.objects.none(), to_field_name="code", label=gettext_lazy("Organisation")
    )

    def __init__(self, *args, district: District, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        units = Organization.objects.filter(district=district, is_active=True).order_by("code")
        self.fields["organization"].queryset = units  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """Who takes over from a leaver: any active person of the district, by user name."""

    to = forms.ModelChoiceField(
        User.objects.none(), to_field_name="username", label=gettext_lazy("Successor")
    )
    with_posts = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args, leaver: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.filter(district=leaver.district_id, is_active=True).exclude(pk=leaver.pk)
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


class AuditForm(forms.Form):
    kind = forms.ChoiceField(required=False, label=gettext_lazy("What"))
    who = forms.CharField(required=False, max_length=60, label=gettext_lazy("User name"))
    first = forms.DateField(required=False, label=gettext_lazy("From"))
    last = forms.DateField(required=False, label=gettext_lazy("Through"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("Everything")), *audit.KINDS.items()]  # type: ignore[attr-defined]


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=60,
        label=gettext_lazy("What it is for"),
        help_text=gettext_lazy("For example: the street's data board"),
    )
    scopes = forms.MultipleChoiceField(
        choices=TokenScope,
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    days = forms.TypedChoiceField(coerce=int, initial=90, label=gettext_lazy("Valid for"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        lasting = [(days, _("%(n)d days") % {"n": days}) for days in (7, 30, 90, tokens.MOST_DAYS)]
        self.fields["days"].choices = lasting  # type: ignore[attr-defined]
