from django.apps import AppConfig


class PushConfig(AppConfig):
    name = "push"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from accounts import access
        from dispatch import outbox
        from push import actions, checks, queueing  # noqa: F401  checks register themselves

        outbox.PROJECTIONS.append(queueing.queue)
        access.ENDED.append(actions.forget_log_ins)
        user_logged_out.connect(actions.forget_this_log_in)
