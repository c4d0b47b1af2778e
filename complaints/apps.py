from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "complaints"

    def ready(self) -> None:
        from complaints import queries
        from desks import context

        context.MARKS["complaints:box"] = queries.waiting
