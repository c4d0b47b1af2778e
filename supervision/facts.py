"""What is known now of each event, as one row of facts: the base of every figure (field rules, section 7).

An event carries one value of each: its report, first desk act (受理), filing (立案; none once it is rejected),
first dispatch, last return, standing feedback (the last; none while in rework or reopened), last check, rating,
closing (none while open), and the deadline each was judged by: that of the clock it ended. ``t0`` and ``t1`` are
the period's ends; the columns named ``..._then`` say how the event stood at ``t1``.

Plain SQL over events, steps and clocks, every column written once. Instants are UTC, half-open, in time at the
deadline.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from events.models import OPEN_STATES, Event

RECURS_WITHIN_DAYS = 30
RECURS_WITHIN_METRES = 50
CELL_DEGREES = 0.0005
"""A little more than 50 m of latitude: who is that near lies in the same band or the next."""

COLUMNS = {
    "id": "id",
    "tenant": "tenant",
    "item": "item__code",
    "category": "item__category__code",
    "platform": "item__category__platform",
    "source": "source",
    "urgency": "urgency",
    "area_code": "area_code",
    "desk_id": "desk_id",
    "lead_id": "lead_id",
    "state": "state",
    "recorded_at": "recorded_at",
    "first_act_at": "first_act_at",
    "ever_filed_at": "filed_at",
    "closed_at": "closed_at",
    "whole_due": "whole_due",
    "forced": "forced",
    "self_closed": "self_closed",
    "rating": "rating",
    "longitude": "longitude",
    "latitude": "latitude",
}
"""What the event's own row tells, by the name it has in the SQL."""

SQL = """
WITH period AS (SELECT %s::timestamptz AS t0, %s::timestamptz AS t1),
chosen ({columns}) AS MATERIALIZED ({events}),
trail AS MATERIALIZED (
    SELECT s.event_id,
        min(s.at) FILTER (WHERE s.verb IN ('dispatch', 'auto_dispatch')) AS dispatched_at,
        (array_agg(s.organization_id ORDER BY s.sequence)
            FILTER (WHERE s.verb IN ('dispatch', 'auto_dispatch')))[1] AS dispatcher_id,
        (array_agg(s.verb ORDER BY s.sequence)
            FILTER (WHERE s.verb IN ('dispatch', 'auto_dispatch')))[1] = 'auto_dispatch' AS sent_by_system,
        bool_or(s.verb = 'recall') AS recalled,
        max(s.at) FILTER (WHERE s.verb = 'return') AS returned_at,
        (array_agg(s.organization_id ORDER BY s.sequence DESC)
            FILTER (WHERE s.verb = 'return'))[1] AS returner_id,
        max(s.sequence) FILTER (WHERE s.verb = 'refuse_return')
            > max(s.sequence) FILTER (WHERE s.verb = 'return') AS return_refused,
        count(*) FILTER (WHERE s.verb = 'return')
            > count(*) FILTER (WHERE s.verb = 'refuse_return') AS returned_with_cause,
        max(s.at) FILTER (WHERE s.verb = 'feed_back') AS last_feedback_at,
        max(s.sequence) FILTER (WHERE s.verb = 'feed_back')
            > coalesce(max(s.sequence) FILTER (WHERE s.verb IN ('rework', 'reopen', 'refuse_sample')), 0)
            AS feedback_stands,
        array_agg(s.at) FILTER (WHERE s.verb = 'feed_back') AS feedbacks,
        max(s.at) FILTER (WHERE s.verb IN ('verify', 'rework')) AS checked_at,
        bool_or(s.verb = 'rework') AS reworked,
        max(s.at) FILTER (WHERE s.verb = 'rate') AS rated_at
    FROM events_step s JOIN chosen c ON s.tenant = c.tenant AND s.event_id = c.id
    WHERE s.verb IN ('dispatch', 'auto_dispatch', 'recall', 'return', 'refuse_return', 'feed_back', 'verify',
        'rework', 'reopen', 'refuse_sample', 'rate')
    GROUP BY s.event_id
),
limits AS MATERIALIZED (
    SELECT k.event_id,
        max(k.due) FILTER (WHERE k.kind = 'accept' AND k.ended_at = c.first_act_at) AS first_act_due,
        max(k.due) FILTER (WHERE k.kind = 'accept' AND k.ended_at = c.ever_filed_at) AS filing_due,
        max(k.due) FILTER (WHERE k.kind = 'dispatch' AND k.ended_at = t.dispatched_at) AS dispatch_due,
        max(k.due) FILTER (WHERE k.kind = 'dispatch' AND runs_then) AS dispatch_due_then,
        max(k.due) FILTER (WHERE k.kind = 'handle' AND k.ended_at = t.last_feedback_at) AS feedback_due,
        bool_or(k.kind = 'handle' AND k.ended_at > k.due AND k.ended_at = ANY (t.feedbacks)) AS fed_back_late,
        max(k.due) FILTER (WHERE k.kind = 'handle' AND runs_then) AS handle_due_then,
        max(k.stopped_at) FILTER (WHERE k.kind = 'handle' AND runs_then) AS handle_stopped_at,
        max(k.due) FILTER (WHERE k.kind = 'check' AND k.ended_at = t.checked_at) AS check_due,
        max(k.due) FILTER (WHERE k.kind = 'check' AND runs_then) AS check_due_then,
        max(k.stopped_at) FILTER (WHERE k.kind = 'whole' AND k.ended_at IS NULL) AS whole_stopped_at
    FROM dispatch_clock k
    JOIN chosen c ON k.tenant = c.tenant AND k.event_id = c.id
    LEFT JOIN trail t ON t.event_id = c.id
    CROSS JOIN period
    CROSS JOIN LATERAL (SELECT k.start < t1 AND (k.ended_at IS NULL OR k.ended_at >= t1) AS runs_then) AS standing
    WHERE k.kind <> 'sign'
    GROUP BY k.event_id
),
spot AS MATERIALIZED (
    SELECT DISTINCT ON (a.event_id) a.event_id, a.due AS spot_due,
        CASE WHEN a.answer = 'granted' THEN a.answered_at END AS spot_answered_at,
        CASE WHEN a.answer <> 'granted' THEN a.answered_at END AS spot_given_up_at
    FROM dispatch_ask a JOIN chosen c ON a.tenant = c.tenant AND a.event_id = c.id
    WHERE a.kind = 'check'
    ORDER BY a.event_id, a.id DESC
),
ended AS MATERIALIZED (
    SELECT c.id, c.tenant, c.item, c.longitude, c.latitude, c.closed_at,
        floor(c.latitude / {cell}) + beside.step AS cell
    FROM chosen c CROSS JOIN period CROSS JOIN (VALUES (-1), (0), (1)) AS beside (step)
    WHERE c.closed_at >= t0 AND c.closed_at < t1 AND c.latitude IS NOT NULL
),
later AS MATERIALIZED (
    SELECT e.id, e.tenant, i.code AS item, e.longitude, e.latitude, e.recorded_at,
        floor(e.latitude / {cell}) AS cell
    FROM events_event e JOIN events_item i ON i.id = e.item_id CROSS JOIN period
    WHERE e.recorded_at > t0 AND e.recorded_at < t1 + interval '{days} days'
        AND e.latitude IS NOT NULL AND NOT e.sensitive AND NOT e.training AND e.state NOT IN ('merged', 'void', 'rejected')
),
again AS MATERIALIZED (
    SELECT b.id AS event_id, min(l.recorded_at) AS recurred_at
    FROM ended b JOIN later l USING (tenant, item, cell)
    WHERE l.id <> b.id AND l.recorded_at > b.closed_at AND l.recorded_at <= b.closed_at + interval '{days} days'
        AND sqrt(power((l.longitude - b.longitude) * cos(radians(b.latitude)), 2)
            + power(l.latitude - b.latitude, 2)) * 111195 <= {metres}
    GROUP BY b.id
),
facts AS (
    SELECT c.*, p.*, t.*, k.*, s.*, a.recurred_at,
        c.state = 'void' AS void,
        CASE WHEN c.state <> 'rejected' THEN c.ever_filed_at END AS filed_at,
        CASE WHEN t.feedback_stands THEN t.last_feedback_at END AS fed_back_at,
        coalesce(t.dispatcher_id, c.desk_id) AS sender_id,
        k.fed_back_late AND t.last_feedback_at <= k.feedback_due AS last_round_in_time,
        c.recorded_at < t1 AND (c.state IN ({open}) OR c.state = 'closed' AND c.closed_at >= t1) AS open_then
    FROM chosen c CROSS JOIN period p
    LEFT JOIN trail t ON t.event_id = c.id
    LEFT JOIN limits k ON k.event_id = c.id
    LEFT JOIN spot s ON s.event_id = c.id
    LEFT JOIN again a ON a.event_id = c.id
)
"""


@dataclass(frozen=True)
class Period:
    """[start, end), UTC instants; ``end`` is never ahead of the clock."""

    start: datetime
    end: datetime

    @classmethod
    def until_now(cls, start: datetime, end: datetime, *, now: datetime) -> "Period":
        return cls(start, min(end, now))


def facts_of(events: QuerySet[Event], period: Period) -> tuple[str, list[Any]]:
    """The WITH clause that ends in ``facts``, one row for each of the events, and its parameters."""
    chosen, values = events.order_by().values_list(*COLUMNS.values()).query.sql_with_params()
    sql = SQL.format(
        columns=", ".join(COLUMNS),
        events=chosen,
        open=", ".join(f"'{state}'" for state in OPEN_STATES),
        days=RECURS_WITHIN_DAYS,
        metres=RECURS_WITHIN_METRES,
        cell=CELL_DEGREES,
    )
    return sql, [period.start, period.end, *values]
