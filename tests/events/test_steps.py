"""The chain of steps: every change of it is refused, and found when somebody got round the refusal."""

from io import StringIO

import psycopg2
import psycopg2.errors
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from events.models import Event, State, Step, StepText
from events.steps import BrokenStep, digest_text, hash_step, verify_chains
from tests.cast import DISTRICT, Cast, Story, story_at

CHANGES = [
    "UPDATE events_step SET verb = 'accept'",
    "UPDATE events_step SET at = now() WHERE sequence = 1",
    "DELETE FROM events_step",
    "TRUNCATE events_step CASCADE",
]


@pytest.fixture
def owner(fresh_database):
    """A cursor of the tables' owner; every statement stays."""
    connection_ = psycopg2.connect(fresh_database["DATABASE_OWNER_URL"])
    connection_.autocommit = True
    with connection_.cursor() as cursor:
        yield cursor
    connection_.close()


@pytest.fixture
def story(owner):
    """Closed, seven steps; beside it another event, which nobody touches."""
    cast = Cast()
    Story(cast).report()
    return story_at(cast, State.CLOSED)


def broken():
    return [(row.sequence, row.reason) for row in verify_chains(DISTRICT)]


def tamper(owner, statement, *values):
    """As somebody who owns the database and turns the triggers off."""
    owner.execute("ALTER TABLE events_step DISABLE TRIGGER USER")
    owner.execute(statement, values)
    owner.execute("ALTER TABLE events_step ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_each_step_carries_the_hash_of_the_one_before():
    story = story_at(Cast(), State.CLOSED)
    previous = ""
    for number, step in enumerate(story.steps, start=1):
        assert (step.sequence, step.previous_hash, step.hash) == (number, previous, hash_step(step))
        previous = step.hash
    assert (story.event.head_hash, story.event.sequence) == (previous, len(story.steps))
    assert list(verify_chains(DISTRICT)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verb", "reject"), ("from_state", "closed"), ("to_state", "void"), ("actor_id", 1), ("post_id", 1),
        ("organization_id", 1), ("params", {"lead": "X"}), ("text_digest", "0" * 64), ("previous_hash", "1" * 64),
        ("sequence", 9), ("tenant", "330105"),
    ],
)  # fmt: skip
def test_the_hash_covers_every_fact_of_a_step(field, value):
    step = story_at(Cast(), State.ACCEPTED).last
    before = hash_step(step)
    setattr(step, field, value)
    assert hash_step(step) != before


@pytest.mark.django_db
@pytest.mark.parametrize("statement", CHANGES)
def test_the_application_has_no_right_to_change_a_step(statement):
    Story(Cast()).report()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        connection.cursor().execute(statement)


@pytest.mark.django_db
def test_the_application_can_not_even_turn_the_triggers_off():
    with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic():
        connection.cursor().execute("ALTER TABLE events_step DISABLE TRIGGER ALL")


@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_is_refused_by_the_triggers(owner, story, statement):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        owner.execute(statement)
    assert len(story.steps) == 7
    assert broken() == []


def test_a_step_changed_behind_the_triggers_is_named(owner, story):
    tamper(
        owner, "UPDATE events_step SET to_state = 'void' WHERE event_id = %s AND sequence = 4", str(story.id)
    )
    assert list(verify_chains(DISTRICT)) == [BrokenStep(story.event.number, 4, "was changed")]


def test_the_first_of_two_changed_steps_is_named(owner, story):
    tamper(
        owner,
        "UPDATE events_step SET params = '{}' WHERE event_id = %s AND sequence IN (6, 2)",
        str(story.id),
    )
    assert broken() == [(2, "was changed")]


def test_a_step_changed_with_a_new_hash_is_found_by_the_next(owner, story):
    forged = story.steps[2]
    forged.verb = "escalate"
    tamper(
        owner,
        "UPDATE events_step SET verb = %s, hash = %s WHERE id = %s",
        forged.verb,
        hash_step(forged),
        forged.pk,
    )
    assert broken() == [(4, "does not follow the step before")]


def test_a_step_taken_out_of_the_middle_is_missed(owner, story):
    step = story.steps[3]
    owner.execute("DELETE FROM dispatch_outbox")
    owner.execute("DELETE FROM events_steptext WHERE step_id = %s", [step.pk])
    tamper(owner, "DELETE FROM events_step WHERE id = %s", step.pk)
    assert broken() == [(4, "missing")]


@pytest.mark.parametrize(("kept", "told"), [(5, (6, "was cut off the end")), (0, (1, "missing"))])
def test_an_end_cut_off_is_missed(owner, story, kept, told):
    gone = [step.pk for step in story.steps[kept:]]
    owner.execute("DELETE FROM dispatch_outbox")
    owner.execute("UPDATE events_evidence SET step_id = NULL")
    owner.execute("DELETE FROM events_steptext WHERE step_id = ANY(%s)", [gone])
    tamper(owner, "DELETE FROM events_step WHERE id = ANY(%s)", gone)
    assert broken() == [told]


def test_changed_words_are_found(owner, story):
    step = story.steps[0]
    StepText.objects.filter(step=step).update(content={"description": "All is well"})
    assert broken() == [(1, "its text was changed")]


def test_erased_words_leave_the_chain_whole(owner, story):
    StepText.objects.filter(step__event=story.id).update(content={}, salt="")
    assert broken() == []
    StepText.objects.filter(step__event=story.id).delete()
    assert broken() == []


def test_words_put_to_a_step_that_had_none_are_found(owner, story):
    silent = next(step for step in story.steps if not step.text_digest)
    StepText.objects.create(step=silent, tenant=DISTRICT, salt="s", content={"note": "I was forced"})
    assert broken() == [(silent.sequence, "its text was changed")]
    assert digest_text("s", {"note": "I was forced"}) != silent.text_digest


def test_the_command_names_the_event_and_the_step_and_fails(owner, story):
    said = StringIO()
    call_command("verify_steps", stdout=said)
    assert said.getvalue() == "all chains hold\n"
    tamper(
        owner, "UPDATE events_step SET verb = 'reject' WHERE event_id = %s AND sequence = 5", str(story.id)
    )
    said = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("verify_steps", stdout=said)
    assert failure.value.returncode == 1
    assert said.getvalue() == f"event {story.event.number}, step 5: was changed\n"


@pytest.mark.django_db
def test_steps_are_read_in_a_fixed_number_of_statements(django_assert_max_num_queries):
    for _ in range(5):
        Story(Cast()).report()
    with django_assert_max_num_queries(6):
        assert list(verify_chains(DISTRICT)) == []
    assert Event.objects.count() == Step.objects.count()


@pytest.mark.django_db
def test_what_moves_while_the_chains_are_read_is_no_break():
    old, new = Story(Cast()).report().route(), Story(Cast())

    def move_first(execute, sql, params, many, context):
        if 'FROM "events_step"' in sql and old.event.state == State.REPORTED:
            old.accept()
            new.report()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(move_first):
        assert list(verify_chains(DISTRICT)) == []
    assert (old.event.state, new.event.state) == (State.ACCEPTED, State.REPORTED)
