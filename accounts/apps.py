from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate


def keep_audit_append_only(sender, **kwargs) -> None:
    """The application's role may insert and select the audit log, nothing else."""
    role = settings.APPLICATION_ROLE
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user <> %s AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s)", [role, role]
        )
        if cursor.fetchone()[0]:
            name = connection.ops.quote_name(role)
            cursor.execute(f"GRANT SELECT, INSERT ON accounts_auditentry TO {name}")
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditentry FROM {name}")


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        import_module("accounts.log_ins")  # its receivers
        post_migrate.connect(keep_audit_append_only, sender=self)
