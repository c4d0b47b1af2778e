"""What the API shows of an event, its steps and its evidence."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from desks.api.offer_shapes import ActionSerializer
from desks.offered import Offers
from desks.places import name_of
from desks.privacy import Privacy
from desks.quick_reading import QuickReading
from desks.unmasking import REASON_LIMIT
from dispatch.bulk import IN_BULK, MOST, REVERSE, Outcome
from dispatch.report_form import DATUMS
from dispatch.uploads import Progress
from dispatch.workflow import VERBS
from events.masking import mask_numbers
from events.models import Event, Evidence, Source, State, Step


class EvidenceSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()
    received = serializers.SerializerMethodField()

    class Meta:
        model = Evidence
        fields = [
            "id",
            "kind",
            "sha256",
            "received",
            "content_type",
            "size",
            "width",
            "height",
            "taken_at",
            "url",
            "thumbnail",
        ]

    def get_received(self, row: Evidence) -> bool:
        return row.received_at is not None

    def get_url(self, row: Evidence) -> str | None:
        return reverse("api:file", args=[row.pk]) if row.received_at else None

    def get_thumbnail(self, row: Evidence) -> str | None:
        """A document is downloaded, never shown."""
        shown = row.received_at and row.is_image and row.kind != Evidence.Kind.DOCUMENT
        return reverse("api:thumbnail", args=[row.pk]) if shown else None


class ProgressSerializer(serializers.Serializer):
    """``received``: the file is complete, and ``id`` is its evidence; else go on from ``received_bytes``."""

    sha256 = serializers.CharField()
    size = serializers.IntegerField(allow_null=True)
    received_bytes = serializers.IntegerField()
    received = serializers.SerializerMethodField()
    id = serializers.UUIDField(source="evidence.pk", default=None, allow_null=True)
    photos_missing = serializers.IntegerField(allow_null=True)

    def get_received(self, progress: Progress) -> bool:
        return progress.evidence is not None


class EventSerializer(QuickReading, serializers.ModelSerializer):
    """As the reader may see it now: personal data masked, the reporter named where the reader may know."""

    item = serializers.CharField(source="item.code")
    item_name = serializers.CharField(source="item.name")
    state_name = serializers.CharField(source="get_state_display")
    description = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField()
    place = serializers.SerializerMethodField()
    desk = serializers.CharField(source="desk.code", default=None, allow_null=True)
    holder = serializers.CharField(source="holder.code", default=None, allow_null=True)
    lead = serializers.CharField(source="lead.code", default=None, allow_null=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = [
            "id",
            "number",
            "url",
            "item",
            "item_name",
            "urgency",
            "level",
            "state",
            "state_name",
            "version",
            "description",
            "address",
            "area_code",
            "place",
            "longitude",
            "latitude",
            "flags",
            "source",
            "occurred_at",
            "recorded_at",
            "desk",
            "holder",
            "lead",
            "due",
            "whole_due",
            "filed_at",
            "closed_at",
            "self_closed",
            "self_close_pending",
            "return_count",
            "rework_count",
            "photos_missing",
            "routing",
        ]

    def get_description(self, event: Event) -> str:
        return Privacy(event, self.context["actor"]).description

    def get_address(self, event: Event) -> str:
        return Privacy(event, self.context["actor"]).address

    def get_place(self, event: Event) -> str:
        return name_of(self.context["actor"].district, event.area_code)

    def get_url(self, event: Event) -> str:
        return reverse("desks:event", args=[event.pk])


class EventDetailSerializer(EventSerializer):
    """With what the reader may do now and the inputs each verb needs."""

    allowed_actions = serializers.SerializerMethodField()
    evidence = EvidenceSerializer(many=True)

    class Meta(EventSerializer.Meta):
        fields = [*EventSerializer.Meta.fields, "allowed_actions", "evidence"]

    @extend_schema_field(ActionSerializer(many=True))
    def get_allowed_actions(self, event: Event) -> Any:
        situation = self.context["situation"]
        return ActionSerializer(Offers([situation]).of(situation), many=True).data


class StepSerializer(serializers.ModelSerializer):
    """``organization`` is null for the system, and for a confidential reporter the reader may not know."""

    words = serializers.SerializerMethodField()
    organization = serializers.SerializerMethodField()
    texts = serializers.SerializerMethodField()

    class Meta:
        model = Step
        fields = [
            "sequence",
            "verb",
            "words",
            "from_state",
            "to_state",
            "at",
            "organization",
            "params",
            "texts",
            "previous_hash",
            "hash",
        ]

    def get_words(self, step: Step) -> str:
        return str(VERBS[step.verb].done)

    def get_organization(self, step: Step) -> str | None:
        hidden = Privacy(step.event, self.context["actor"]).is_hidden(step)
        return step.organization.code if step.organization and not hidden else None

    def get_texts(self, step: Step) -> dict[str, str]:
        text = getattr(step, "text", None)
        shown = str if Privacy(step.event, self.context["actor"]).is_whole(step) else mask_numbers
        return {name: shown(value) for name, value in text.content.items()} if text else {}


class MoveSerializer(serializers.Serializer):
    """A move: the verb, what it needs by the names of ``allowed_actions``, the version looked at."""

    verb = serializers.ChoiceField(choices=sorted(VERBS))
    version = serializers.IntegerField(required=False, min_value=0)
    request_id = serializers.UUIDField(required=False)
    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]


class TargetSerializer(serializers.Serializer):
    event = serializers.UUIDField()
    version = serializers.IntegerField(required=False, min_value=0)


class BulkMoveSerializer(serializers.Serializer):
    """``data`` is shared by all. A dispatch without a ``lead`` goes to each event's own proposed one."""

    verb = serializers.ChoiceField(choices=[*IN_BULK, *REVERSE.values()])
    request_id = serializers.UUIDField()
    events = serializers.ListField(child=TargetSerializer(), allow_empty=False, min_length=1, max_length=MOST)
    data = serializers.DictField(required=False, default=dict)  # type: ignore[assignment]


class MoveResultSerializer(serializers.Serializer):
    """``code`` and ``message`` are empty for a move that was done; ``state`` and ``version`` are those afterwards,
    null for an event that is not, or no longer, in sight."""

    event = serializers.UUIDField(source="event_id")
    outcome = serializers.ChoiceField([outcome.value for outcome in Outcome])
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(source="words", allow_blank=True)
    state = serializers.ChoiceField(State.choices, source="event.state", default=None, allow_null=True)
    version = serializers.IntegerField(source="event.version", default=None, allow_null=True)


class BulkMovedSerializer(serializers.Serializer):
    """In the order sent, each event once."""

    done = serializers.IntegerField()
    results = MoveResultSerializer(many=True)


class LeftSerializer(serializers.Serializer):
    """The answer to a repeated move whose event the person no longer sees: the own step, nothing later."""

    id = serializers.UUIDField(source="event_id")
    left = serializers.SerializerMethodField()
    verb = serializers.CharField()
    state = serializers.CharField(source="to_state")
    state_name = serializers.SerializerMethodField()
    at = serializers.DateTimeField()

    def get_left(self, step: Step) -> bool:
        return True

    def get_state_name(self, step: Step) -> str:
        return str(State(step.to_state).label)


class PromisedSerializer(serializers.Serializer):
    """A photo to come, named by the SHA-256 of the bytes that will be sent."""

    kind = serializers.ChoiceField(Evidence.Kind.choices)
    sha256 = serializers.RegexField("^[0-9a-f]{64}$")


class ReportSerializer(serializers.Serializer):
    """A report under a key made by the client; the fields are checked by ``dispatch.report_form``."""

    id = serializers.UUIDField()
    item = serializers.CharField()
    description = serializers.CharField(required=False)
    address = serializers.CharField(required=False)
    longitude = serializers.FloatField(required=False)
    latitude = serializers.FloatField(required=False)
    datum = serializers.ChoiceField(DATUMS, required=False)
    area_code = serializers.CharField(required=False)
    occurred_at = serializers.DateTimeField(required=False)
    sent_at = serializers.DateTimeField(required=False)
    source = serializers.ChoiceField(Source.choices, required=False)  # type: ignore[assignment]
    reporter_name = serializers.CharField(required=False)
    reporter_phone = serializers.CharField(required=False)
    confidential = serializers.BooleanField(required=False)
    photos = PromisedSerializer(many=True, required=False)
    self_close = serializers.BooleanField(required=False)
    result = serializers.CharField(required=False)
    same_as = serializers.UUIDField(required=False)


class UploadSerializer(serializers.Serializer):
    """One file; ``sha256`` of its bytes, to be safe."""

    kind = serializers.ChoiceField(Evidence.Kind.choices)
    file = serializers.FileField()
    sha256 = serializers.RegexField("^[0-9a-fA-F]{64}$", required=False)


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=REASON_LIMIT)


class UnmaskedSerializer(serializers.Serializer):
    """``texts``: by the step's sequence, each by the name of its field."""

    description = serializers.CharField(source="privacy.description")
    address = serializers.CharField(source="privacy.address")
    reporter_phone = serializers.CharField(source="privacy.reporter_phone")
    caller_name = serializers.CharField(source="privacy.contact.name", default="")
    caller_phone = serializers.CharField(source="privacy.contact.phone", default="")
    texts = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))
