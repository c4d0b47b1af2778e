"""The web process's entry point."""

import os

from django.core.wsgi import get_wsgi_application

from grid_platform.start import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "grid_platform.settings")
application = get_wsgi_application()
refuse_unsafe_start()
