"""Web, worker and beat ask the checks with the tag SERVICE at their start, and do not start when one finds an error.

The demo starts with whatever it has.
"""

import sys

from django.conf import settings
from django.core import checks
from django.db import connection

SERVICE = "service"


def refuse_unsafe_start() -> None:
    """End this process with a line for each thing that must not be so."""
    if settings.DEMO_MODE:
        return
    found = checks.run_checks(tags=[SERVICE], include_deployment_checks=True, databases=["default"])
    connection.close()
    if errors := [message for message in found if message.is_serious() and not message.is_silenced()]:
        told = "\n".join(str(message) for message in errors)
        sys.exit(f"This does not start in service:\n{told}")
