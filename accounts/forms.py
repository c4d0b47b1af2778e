"""The log-in form."""

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("User name or password is wrong. After five tries the log-in waits 15 minutes."),
        "inactive": _("This account is not active."),
    }
