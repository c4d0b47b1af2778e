"""A person's work as a phone keeps it: the queues of the team, and a card of each event with what may be done."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.token_login import needs
from accounts.tokens import TokenScope
from desks.api import examples
from desks.api.etags import cached, digest_of, is_known, not_modified
from desks.api.offer_shapes import ActionSerializer
from desks.api.posts import PostSerializer
from desks.api.reading import actor_of
from desks.phone_tasks import Card, cards_of, posts_of, sections_at
from desks.places import name_of
from desks.privacy import note_reading
from desks.sections import Section
from dispatch.errors import NotPermittedError
from events.models import Evidence


class PhotoSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(Evidence.Kind.choices)
    thumbnail = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    def get_thumbnail(self, row: Evidence) -> str:
        return reverse("api:thumbnail", args=[row.pk])

    def get_url(self, row: Evidence) -> str:
        return reverse("api:file", args=[row.pk])


class NoteSerializer(serializers.Serializer):
    """What was said with the last step to act upon: a question, an order's note, what is missing, a result."""

    verb = serializers.CharField(source="step.verb")
    words = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField(source="step.at")


class CardSerializer(serializers.Serializer):
    """``due`` is null while no clock runs; ``answer``: the last words to the reporter, of one's own reports only;
    ``leading``: the number of the event it was merged into."""

    id = serializers.UUIDField(source="event.pk")
    number = serializers.CharField(source="event.number")
    url = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="event.version")
    item = serializers.CharField(source="event.item.code")
    item_name = serializers.CharField(source="event.item.name")
    urgency = serializers.CharField(source="event.urgency")
    urgency_name = serializers.CharField(source="event.get_urgency_display")
    state = serializers.CharField(source="event.state")
    state_name = serializers.CharField(source="event.get_state_display")
    sensitive = serializers.BooleanField(source="event.sensitive")
    description = serializers.CharField(source="privacy.description")
    address = serializers.CharField(source="privacy.address")
    area_code = serializers.CharField(source="event.area_code")
    place = serializers.SerializerMethodField()
    longitude = serializers.FloatField(source="event.longitude", allow_null=True)
    latitude = serializers.FloatField(source="event.latitude", allow_null=True)
    occurred_at = serializers.DateTimeField(source="event.occurred_at")
    recorded_at = serializers.DateTimeField(source="event.recorded_at")
    closed_at = serializers.DateTimeField(source="event.closed_at", allow_null=True)
    due = serializers.DateTimeField(allow_null=True)
    overdue = serializers.BooleanField(source="is_overdue")
    mine = serializers.BooleanField(source="privacy.is_reporter")
    answer = serializers.CharField(allow_blank=True)
    leading = serializers.CharField(source="event.leading.number", default="", allow_blank=True)
    rating = serializers.CharField(source="event.rating", allow_blank=True)
    rework_count = serializers.IntegerField(source="event.rework_count")
    photos_missing = serializers.IntegerField(source="event.photos_missing")
    photos = PhotoSerializer(many=True)
    note = NoteSerializer(allow_null=True)
    actions = ActionSerializer(source="offers", many=True)

    def get_url(self, card: Card) -> str:
        return reverse("desks:event", args=[card.event.pk])

    def get_place(self, card: Card) -> str:
        return name_of(card.privacy.actor.district, card.event.area_code)


class QueueSerializer(serializers.Serializer):
    """``count`` is null where the number grows for ever; of a queue the first 30 events are told."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    icon = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)
    empty = serializers.CharField()
    events = CardSerializer(many=True)


class TasksSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    post = serializers.IntegerField()
    posts = PostSerializer(many=True)
    queues = QueueSerializer(many=True)


@extend_schema(
    operation_id="tasks_read",
    summary=gettext_lazy("Read what waits for me"),
    description=gettext_lazy(
        "For posts in a grid team or at a community: the queues of one's work, each with the cards of its first 30 "
        "events and, in actions, what one may do with each and the form it needs. All that a phone shows without a "
        "network; unchanged, it costs a 304 (ETag)."
    ),
    parameters=[
        OpenApiParameter("post", int, description=gettext_lazy("One of posts; the first without it"))
    ],
    responses={200: TasksSerializer, 304: None},
    examples=[examples.TASKS],
)
@api_view(["GET"])
@permission_classes([needs(TokenScope.READ)])
def tasks(request: Request) -> Response:
    actor, now = actor_of(request), timezone.now()
    posts = posts_of(actor)
    if not posts:
        raise NotPermittedError(
            _("This is for posts of a grid team or at a community. Use the desk's pages.")
        )
    named = request.GET.get("post", "")
    post = next((post for post in posts if str(post.id) == named), posts[0])
    sections = sections_at(actor, post, now)
    cards = cards_of(sections, actor, now)
    note_reading(request, [card.event for card in cards.values()])
    shown = dict(zip(cards, CardSerializer(cards.values(), many=True).data, strict=True))
    body = {
        "post": post.id,
        "posts": PostSerializer(posts, many=True).data,
        "queues": [_queue(section, shown) for section in sections],
    }
    etag = digest_of(body)
    if is_known(request, etag):
        return not_modified(etag)
    return Response({"at": now, **body}, headers=cached(etag))


def _queue(section: Section, cards: dict[UUID, Any]) -> dict[str, Any]:
    queue = section.queue
    return {
        "name": queue.name,
        "label": str(queue.label),
        "icon": queue.icon,
        "count": section.count,
        "empty": str(queue.empty),
        "events": [cards[event.pk] for event in section.events],
    }
