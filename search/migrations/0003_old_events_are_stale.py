"""A stale document for every event that was there before; the worker makes their words. It locks nobody out."""

from django.db import migrations

FORWARDS = """
INSERT INTO search_searchdocument (event_id, tenant, words, stale)
    SELECT id, tenant, '', true FROM events_event ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0002_forget_what_is_erased")]

    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
