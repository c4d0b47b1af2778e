"""Steps are append-only: triggers refuse update, delete and truncate, whoever asks.

Also the serial of event numbers.
"""

from django.db import migrations

FORWARDS = """
CREATE SEQUENCE IF NOT EXISTS event_serial;

CREATE FUNCTION refuse_change_of_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'steps are append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER steps_append_only BEFORE UPDATE OR DELETE ON events_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_steps();
CREATE TRIGGER steps_no_truncate BEFORE TRUNCATE ON events_step
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_steps();
"""

BACKWARDS = """
DROP TRIGGER steps_no_truncate ON events_step;
DROP TRIGGER steps_append_only ON events_step;
DROP FUNCTION refuse_change_of_steps();
DROP SEQUENCE event_serial;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
