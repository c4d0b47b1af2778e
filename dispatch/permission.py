"""Who may: the table's 'who' and 'when' read against one event and one actor."""

from accounts.scope import HeldPost
from dispatch.conditions import Condition, Situation
from dispatch.workflow import VERBS, Relation, Verb, Who

PLAYED = frozenset({Relation.ANYWHERE, Relation.AREA, Relation.DESK, Relation.LEAD})
"""The parts one person may play in a training event of their own."""


def authority(verb: Verb, situation: Situation) -> tuple[bool, HeldPost | None]:
    """Whether the actor may, and the post acted from (None for the system and for a reporter)."""
    for who in verb.who:
        if _stands(who, situation) and (who.only is None or who.only.holds(situation)):
            return True, _post(who, situation)
    return False, None


def refusal(verb: Verb, situation: Situation) -> Condition | None:
    """The first condition of the row that does not hold."""
    return next((condition for condition in verb.when if not condition.holds(situation)), None)


def missing_condition(verb: Verb, situation: Situation) -> Condition | None:
    """For one who would be allowed but for the row's 'only': the condition that fails."""
    return next((who.only for who in verb.who if who.only and _stands(who, situation)), None)


def allowed_actions(situation: Situation) -> list[Verb]:
    """The verbs the actor may do now, in the table's order; what is not ready is never offered."""
    return [
        verb
        for verb in VERBS.values()
        if not verb.creates
        and not verb.is_system
        and situation.event.state in verb.sources
        and authority(verb, situation)[0]
        and refusal(verb, situation) is None
    ]


def _stands(who: Who, situation: Situation) -> bool:
    event, scope = situation.event, situation.actor.scope
    if who.relation in PLAYED and situation.plays_every_part:
        return who.relation is not Relation.LEAD or event.lead_id is not None
    units = scope.units(who.permission)
    match who.relation:
        case Relation.SYSTEM:
            return situation.actor.is_system
        case Relation.REPORTER:
            return event.reporter_id is not None and event.reporter_id == situation.actor.user_id
        case Relation.ANYWHERE:
            return bool(units or scope.codes(who.permission))
        case Relation.AREA:
            return scope.covers(who.permission, event.area_code)
        case Relation.DESK:
            return event.desk_id in units
        case Relation.LEAD:
            return event.lead_id is not None and event.lead_id in units
        case Relation.ASSISTANT:
            return any(row.organization_id in units for row in situation.assistants)
        case Relation.SAMPLER:
            return event.sampler_id is not None and event.sampler_id in units
        case Relation.ASKED:
            return event.transfer_to_id is not None and event.transfer_to_id in units
        case Relation.DISTRICT:
            return bool(units)
        case Relation.COMMAND:
            return scope.commanding_post(who.permission, event.area_code) is not None


def _post(who: Who, situation: Situation) -> HeldPost | None:
    event, scope = situation.event, situation.actor.scope
    match who.relation:
        case Relation.DESK:
            return scope.post_in(event.desk_id, who.permission)
        case Relation.LEAD:
            return scope.post_in(event.lead_id, who.permission)
        case Relation.SAMPLER:
            return scope.post_in(event.sampler_id, who.permission)
        case Relation.ASKED:
            return scope.post_in(event.transfer_to_id, who.permission)
        case Relation.ASSISTANT:
            mine = situation.own_assistance()
            return scope.post_in(mine.organization_id if mine else None, who.permission)
        case Relation.AREA:
            return scope.post_over(event.area_code)
        case Relation.DISTRICT:
            units = scope.units(who.permission)
            return next((post for post in scope.posts if post.organization_id in units), None)
        case Relation.COMMAND:
            return scope.commanding_post(who.permission, event.area_code)
        case Relation.SYSTEM | Relation.REPORTER:
            return None
    return next(iter(scope.posts), None)
