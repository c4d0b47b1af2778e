"""System check of what push needs: a key that is one, and whom the push services may write to."""

from django.conf import settings
from django.core import checks
from py_vapid import VapidException

from push.keys import read


@checks.register()
def key_and_subject_sign(app_configs, **options) -> list[checks.CheckMessage]:
    """By signing once: push services refuse what these two do not make."""
    if not settings.VAPID_PRIVATE_KEY:
        return []
    try:
        read(settings.VAPID_PRIVATE_KEY).sign({"aud": "https://push.example", "sub": settings.VAPID_SUBJECT})
    except ValueError:
        told = "VAPID_PRIVATE_KEY is no key for push.", "Make one: manage.py make_push_key", "push.E001"
    except VapidException:
        told = (
            "VAPID_SUBJECT does not say how the push services reach whoever runs this.",
            "Set it to mailto: and an address, such as mailto:ops@grid.example.gov.cn",
            "push.E002",
        )
    else:
        return []
    words, hint, code = told
    return [checks.Error(words, hint=hint, id=code)]
