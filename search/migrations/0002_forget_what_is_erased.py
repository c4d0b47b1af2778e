"""Triggers empty a document in the transaction that erases or changes what it was made from."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION search_forget(changed uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- First the document: it waits here for a worker that is just making it.
    INSERT INTO search_searchdocument (event_id, tenant, words, stale)
        SELECT id, tenant, '', true FROM events_event WHERE id = changed
        ON CONFLICT (event_id) DO UPDATE SET words = '', stale = true;
    DELETE FROM search_searchnumber WHERE event_id = changed;
END $$;

CREATE FUNCTION search_forget_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_forget(event_id) FROM events_step WHERE id = OLD.step_id;
    RETURN NULL;
END $$;
CREATE FUNCTION search_forget_contact() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_forget(OLD.event_id);
    RETURN NULL;
END $$;
CREATE FUNCTION search_forget_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM search_forget(OLD.id);
    RETURN NULL;
END $$;

CREATE TRIGGER search_forget AFTER UPDATE OR DELETE ON events_steptext
    FOR EACH ROW EXECUTE FUNCTION search_forget_text();
CREATE TRIGGER search_forget AFTER UPDATE OR DELETE ON events_reportercontact
    FOR EACH ROW EXECUTE FUNCTION search_forget_contact();
CREATE TRIGGER search_forget AFTER UPDATE OF description, address ON events_event
    FOR EACH ROW WHEN (OLD.description IS DISTINCT FROM NEW.description OR OLD.address IS DISTINCT FROM NEW.address)
    EXECUTE FUNCTION search_forget_event();
"""
BACKWARDS = """
DROP TRIGGER search_forget ON events_event;
DROP TRIGGER search_forget ON events_reportercontact;
DROP TRIGGER search_forget ON events_steptext;
DROP FUNCTION search_forget_event();
DROP FUNCTION search_forget_contact();
DROP FUNCTION search_forget_text();
DROP FUNCTION search_forget(uuid);
"""


class Migration(migrations.Migration):
    dependencies = [("search", "0001_search")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
