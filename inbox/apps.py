from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "inbox"

    def ready(self) -> None:
        from accounts import substitution
        from dispatch import outbox
        from inbox import actions, telling

        outbox.PROJECTIONS.append(telling.tell)
        substitution.PERSONAL.append(actions.pass_on)
