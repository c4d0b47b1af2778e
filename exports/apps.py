from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self) -> None:
        from desks import context
        from exports.models import Export  # Models load after the applications.

        context.ALERTS["exports:approvals"] = lambda district: (
            _("waiting for approval") if Export.objects.to_approve(district).exists() else ""
        )
