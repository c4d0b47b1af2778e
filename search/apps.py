from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"

    def ready(self) -> None:
        from dispatch import outbox
        from search import indexing

        outbox.PROJECTIONS.append(indexing.project)
