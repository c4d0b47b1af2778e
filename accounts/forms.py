"""The log-in form."""

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from accounts.models import User

LONGEST_NAME = User._meta.get_field("username").max_length or 0


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("User name or password is wrong. After five tries the log-in waits 15 minutes."),
        "inactive": _("This account is not active."),
    }

    def clean(self) -> dict:
        """A name longer than any is wrong before axes would have to note it."""
        if len(self.cleaned_data.get("username", "")) > LONGEST_NAME:
            raise self.get_invalid_login_error()
        return super().clean()
