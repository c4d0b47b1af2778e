"""The log of an incident is append-only: triggers refuse update and delete, whoever asks."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION refuse_change_of_incident_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of an incident is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER incident_log_append_only BEFORE UPDATE OR DELETE ON incidents_logentry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_incident_log();
CREATE TRIGGER incident_log_no_truncate BEFORE TRUNCATE ON incidents_logentry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_incident_log();
"""

BACKWARDS = """
DROP TRIGGER incident_log_no_truncate ON incidents_logentry;
DROP TRIGGER incident_log_append_only ON incidents_logentry;
DROP FUNCTION refuse_change_of_incident_log();
"""


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_incidents")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
