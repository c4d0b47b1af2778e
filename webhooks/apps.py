from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self) -> None:
        from dispatch import outbox
        from webhooks import checks, queueing  # noqa: F401  checks register themselves

        outbox.PROJECTIONS.append(queueing.queue)
