"""What a password is made of, beside Django's own rules."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class ThreeKindsValidator:
    """At least three of small letters, capitals, figures and other characters (GB/T 22239-2019, 8.1.4.1)."""

    def validate(self, password: str, user=None) -> None:
        kinds = (str.islower, str.isupper, str.isdigit, lambda letter: not letter.isalnum())
        if sum(any(map(kind, password)) for kind in kinds) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        return _("Use at least three of: small letters, capitals, figures, other characters.")
