from django.apps import AppConfig
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate


def keep_steps_append_only(sender, **kwargs) -> None:
    """The application's role may insert and select steps, nothing else (design, section 3.3)."""
    role = settings.APPLICATION_ROLE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user <> %s AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role, role]
        )
        if cursor.fetchone()[0]:
            name = connection.ops.quote_name(role)
            cursor.execute(f"GRANT SELECT, INSERT ON events_step TO {name}")
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON events_step FROM {name}")


class EventsConfig(AppConfig):
    name = "events"

    def ready(self) -> None:
        post_migrate.connect(keep_steps_append_only, sender=self)
