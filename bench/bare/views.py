"""The three requests as a newcomer would write them with Django REST framework."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from rest_framework import generics, serializers
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from dispatch.models import Clock, Outbox
from events.models import OPEN_STATES, Event, Item, Step, StepText

HASH = "0" * 64
RELATED = ("item__category", "desk", "holder", "lead")


class EventSerializer(serializers.ModelSerializer):
    """The columns the product's API shows."""

    id = serializers.UUIDField()
    item = serializers.SlugRelatedField("code", queryset=Item.objects.all())
    item_name = serializers.CharField(source="item.name_zh", read_only=True)
    desk = serializers.CharField(source="desk.code", default=None, read_only=True)
    holder = serializers.CharField(source="holder.code", default=None, read_only=True)
    lead = serializers.CharField(source="lead.code", default=None, read_only=True)

    class Meta:
        model = Event
        fields = [
            "id", "number", "item", "item_name", "urgency", "level", "state", "version", "description", "address",
            "area_code", "longitude", "latitude", "flags", "source", "occurred_at", "recorded_at", "desk", "holder",
            "lead", "due", "whole_due", "filed_at", "closed_at", "self_closed", "self_close_pending", "return_count",
            "rework_count", "photos_missing", "routing",
        ]  # fmt: skip
        read_only_fields = [
            name
            for name in fields
            if name not in {"id", "item", "description", "address", "longitude", "latitude"}
        ]


class EventPages(CursorPagination):
    ordering = ("due", "id")
    page_size = 50


def write_step(event: Event, verb: str, from_state: str, user, text: str) -> None:
    """The rows every move leaves: the step, its text and the outbox row."""
    step = Step.objects.create(
        tenant=event.tenant,
        event=event,
        sequence=event.sequence,
        verb=verb,
        from_state=from_state,
        to_state=event.state,
        at=timezone.now(),
        actor=user,
        params={"item": event.item.code},
        text_digest=HASH,
        previous_hash=event.head_hash,
        hash=HASH,
    )
    if text:
        StepText.objects.create(step=step, tenant=event.tenant, salt=HASH[:32], content={"text": text})
    Outbox.objects.create(tenant=event.tenant, step=step)


def clock(event: Event, kind: str, due) -> Clock:
    return Clock(
        tenant=event.tenant,
        event=event,
        kind=kind,
        start=timezone.now(),
        amount=30,
        unit="working_minutes",
        due=due,
        calendar_version=1,
        next_rung_at=due,
    )


class Events(generics.ListCreateAPIView):
    serializer_class = EventSerializer
    pagination_class = EventPages

    def get_queryset(self):
        user = self.request.user
        return Event.objects.filter(tenant=user.district_id, state__in=OPEN_STATES).select_related(*RELATED)

    @transaction.atomic
    def perform_create(self, serializer) -> None:
        now, user = timezone.now(), self.request.user
        item, due = serializer.validated_data["item"], now + timedelta(minutes=30)
        event = serializer.save(
            tenant=user.district_id,
            number=str(serializer.validated_data["id"])[:19],
            urgency=item.urgency,
            level=item.level,
            source="desk",
            area_code=user.district_id,
            place_level="district",
            reported_area_code=user.district_id,
            reporter=user,
            occurred_at=now,
            recorded_at=now,
            content_hash=HASH,
            state="reported",
            due=due,
            whole_due=due,
            sequence=1,
            head_hash=HASH,
        )
        write_step(event, "report", "", user, event.description)
        Clock.objects.bulk_create([clock(event, "accept", due), clock(event, "whole", due)])


class Accept(generics.GenericAPIView):
    serializer_class = EventSerializer
    queryset = Event.objects.select_related(*RELATED)

    @transaction.atomic
    def post(self, request, pk) -> Response:
        event, now = self.get_object(), timezone.now()
        from_state, event.state = event.state, "accepted"
        event.filed_at, event.due = now, now + timedelta(minutes=30)
        event.version += 1
        event.sequence += 1
        Clock.objects.filter(event=event, kind="accept", ended_at=None).update(ended_at=now)
        Clock.objects.bulk_create([clock(event, "dispatch", event.due)])
        write_step(event, "accept", from_state, request.user, "")
        event.save()
        return Response(self.get_serializer(event).data)
