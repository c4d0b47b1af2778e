from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "incidents"

    def ready(self) -> None:
        from incidents import effects  # noqa: F401  the effects of the table's verbs register themselves
