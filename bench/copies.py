"""Many events by copying one: in bulk, with its steps and their texts, a minute apart.

For measuring only: the copies' steps keep the hashes of the first one's, so their chains do not verify.
"""

from django.db import connection

from events.models import Event, Step, StepText

KEY = "md5(%(event)s || n)::uuid"


def copy_event(event: Event, number: int) -> None:
    """``number`` copies, each reported a minute before the one before it."""
    changed = {
        "id": KEY,
        "number": "tenant || (8000000000000 + %(known)s + n)",
        "recorded_at": "recorded_at - n * interval '1 minute'",
    }
    names = [field.column for field in Event._meta.concrete_fields]
    step_names = [field.column for field in Step._meta.concrete_fields if field.column != "id"]
    text_names = [field.column for field in StepText._meta.concrete_fields if field.column != "step_id"]
    given = {"event": str(event.pk), "number": number, "known": Event.objects.count()}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO events_event ({", ".join(names)})
                SELECT {", ".join(changed.get(name, name) for name in names)}
                FROM events_event, generate_series(1, %(number)s) n WHERE id = %(event)s""",
            given,
        )
        cursor.execute(
            f"""WITH made AS (
                    INSERT INTO events_step ({", ".join(step_names)})
                    SELECT {", ".join(KEY if name == "event_id" else name for name in step_names)}
                    FROM events_step, generate_series(1, %(number)s) n WHERE event_id = %(event)s
                    RETURNING id, sequence)
                INSERT INTO events_steptext (step_id, {", ".join(text_names)})
                SELECT made.id, {", ".join(f"events_steptext.{name}" for name in text_names)}
                FROM made JOIN events_step first ON first.event_id = %(event)s AND first.sequence = made.sequence
                JOIN events_steptext ON step_id = first.id""",
            given,
        )
