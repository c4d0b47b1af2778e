"""System checks of what would open the guard of ``webhooks.destination``."""

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security)
def loopback_is_for_trying(app_configs, **options) -> list[checks.CheckMessage]:
    if not settings.WEBHOOK_LOOPBACK or settings.DEMO_MODE or settings.DEBUG:
        return []
    return [
        checks.Error(
            "WEBHOOK_LOOPBACK lets webhooks call services of this very machine, without HTTPS.",
            hint="Unset it. A receiver in the own network is allowed by WEBHOOK_ALLOWED_NETWORKS.",
            id="webhooks.E001",
        )
    ]


@checks.register(checks.Tags.security)
def no_network_is_everything(app_configs, **options) -> list[checks.CheckMessage]:
    wide = [str(network) for network in settings.WEBHOOK_ALLOWED_NETWORKS if network.prefixlen < 8]
    return [
        checks.Error(
            f"WEBHOOK_ALLOWED_NETWORKS holds {network}, which is nearly every address.",
            hint="Name the networks of the receivers, such as 10.20.0.0/16.",
            id="webhooks.E002",
        )
        for network in wide
    ]
