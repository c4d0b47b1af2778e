"""Handing an order to a person inside: whose order it is, and who may be given it.

It orders the work of one organisation and changes nobody's rights: everybody there may still act.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Post, User
from dispatch.conditions import Situation
from dispatch.models import Assignment


def own_order(situation: Situation) -> Assignment | None:
    """The order the actor acts on: the lead's where the actor stands there, else the assistant's; of others none."""
    lead = situation.lead
    if lead and lead.organization_id in situation.actor.scope.units("handle_events"):
        return lead
    return situation.own_assistance()


def colleagues(organization_id: int, *, at: datetime) -> QuerySet[User]:
    """Who holds a handling post there at that instant, by user name: an order that ranks nobody."""
    posts = Post.objects.valid_at(at).filter(
        user=OuterRef("pk"),
        organization=organization_id,
        role__organization_permissions__contains=["handle_events"],
    )
    return User.objects.filter(Exists(posts), is_active=True).order_by("username")
