"""The buttons of the bar below a list."""

from django import template

from accounts.models import User
from accounts.scope import Actor
from desks.bulk_page import verbs_for
from dispatch.workflow import Verb

register = template.Library()


@register.simple_tag
def bulk_verbs(user: User) -> list[Verb]:
    return verbs_for(Actor.of(user))
