"""What the API shows of a major incident, and what it takes."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Organization
from desks.api.event_shapes import EventSerializer
from events.models import State
from incidents import closing, timeline
from incidents.actions import MOST_AT_ONCE
from incidents.models import Choice, Incident, Membership, Message, Recipient, Task


class IncidentSerializer(serializers.ModelSerializer):
    """``number_of_members`` counts those you may see."""

    url = serializers.SerializerMethodField()
    plan = serializers.CharField(source="plan.code", default=None, allow_null=True)
    plan_name = serializers.CharField(source="plan.name", default=None, allow_null=True)
    plan_version = serializers.IntegerField(source="plan.version", default=None, allow_null=True)
    command = serializers.CharField(source="command.code")
    response = serializers.IntegerField()
    response_name = serializers.CharField(source="get_response_display")
    state_name = serializers.CharField(source="get_state_display")
    number_of_members = serializers.IntegerField()

    class Meta:
        model = Incident
        fields = [
            "id", "number", "url", "name", "plan", "plan_name", "plan_version", "items", "command", "response",
            "response_name", "state", "state_name", "summary", "number_of_members", "opened_at", "closed_at",
            "conclusion",
        ]  # fmt: skip

    def get_url(self, incident: Incident) -> str:
        return reverse("incidents:incident", args=[incident.pk])


class StateCountSerializer(serializers.Serializer):
    state = serializers.ChoiceField(State.choices)
    number = serializers.IntegerField()


class IncidentDetailSerializer(IncidentSerializer):
    """``may_act``: you command it and it is open; ``states``: how many of its events you see are in each."""

    may_act = serializers.SerializerMethodField()
    states = serializers.SerializerMethodField()

    class Meta(IncidentSerializer.Meta):
        fields = [*IncidentSerializer.Meta.fields, "may_act", "states"]

    def get_may_act(self, incident: Incident) -> bool:
        return incident.is_open and incident.is_commanded_by(self.context["actor"].scope)

    @extend_schema_field(StateCountSerializer(many=True))
    def get_states(self, _incident: Incident) -> list[dict]:
        return [{"state": state, "number": number} for state, number in self.context["states"]]


class MemberSerializer(serializers.ModelSerializer):
    """``left_at`` is that of the closing: who left before is not listed."""

    event = EventSerializer()

    class Meta:
        model = Membership
        fields = ["event", "joined_at", "left_at"]


class TaskSerializer(serializers.ModelSerializer):
    """``responsible``: the code of one organisation, or else every one of ``responsible_kind``."""

    text = serializers.SerializerMethodField()
    responsible = serializers.CharField(source="responsible.code", default=None, allow_null=True)
    responsible_kind = serializers.ChoiceField(Organization.Kind.choices, allow_blank=True)

    class Meta:
        model = Task
        fields = [
            "id", "position", "text", "responsible", "responsible_kind", "due", "done_at", "is_applicable", "note",
        ]  # fmt: skip

    def get_text(self, task: Task) -> str:
        return timeline.text_of(task)


class MessageSerializer(serializers.ModelSerializer):
    """``reporters``: how many were told, are still to be told, were refused, or must be called."""

    reporters = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ["id", "text", "sent_at", "reporters"]

    def get_reporters(self, message: Message) -> dict[str, int]:
        found = list(message.recipients.values_list("status", flat=True))
        return {status: found.count(status) for status in Recipient.Status.values}


class JoinedSerializer(serializers.Serializer):
    """``code`` is empty for an event that is a member now; else the refusal, in words in ``message``."""

    event = serializers.UUIDField(source="event_id")
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(source="words", allow_blank=True)


class ClosingMemberSerializer(serializers.Serializer):
    """``options``: what may become of it, the proposed first; ``code``: why the last try was refused."""

    event = serializers.UUIDField(source="event.pk")
    number = serializers.CharField(source="event.number")
    state = serializers.ChoiceField(State.choices, source="event.state")
    options = serializers.ListField(child=serializers.ChoiceField(Choice.What.choices))
    code = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)


class ClosingSerializer(serializers.Serializer):
    """``waiting``: members still worked on; ``leading``: the event that others are merged into."""

    state = serializers.ChoiceField(Incident.State.choices)
    conclusion = serializers.CharField(allow_blank=True)
    leading = serializers.UUIDField(allow_null=True)
    waiting = serializers.IntegerField()
    members = ClosingMemberSerializer(many=True)


# What is sent -------------------------------------------------------------------------------------


class OpenSerializer(serializers.Serializer):
    """``plan``: the code of an active one; ``event``: the first member."""

    request_id = serializers.UUIDField()
    name = serializers.CharField(max_length=80)
    plan = serializers.CharField(required=False, max_length=40)
    response = serializers.ChoiceField(Incident.Response.choices, default=Incident.Response.FOURTH)
    summary = serializers.CharField(required=False, max_length=1000, allow_blank=True, default="")
    event = serializers.UUIDField(required=False)


class GatherSerializer(serializers.Serializer):
    request_id = serializers.UUIDField()
    events = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, min_length=1, max_length=MOST_AT_ONCE
    )
    reason = serializers.CharField(required=False, max_length=200, default="", allow_blank=True)


class SendSerializer(serializers.Serializer):
    request_id = serializers.UUIDField()
    text = serializers.CharField(max_length=500)


class WhatSerializer(serializers.Serializer):
    event = serializers.UUIDField()
    what = serializers.ChoiceField(
        [(what.value, what.label) for what in (*closing.CLOSING_VERBS, closing.What.HAND_ON)]
    )


class CloseSerializer(serializers.Serializer):
    """Members not named get what is proposed first."""

    conclusion = serializers.CharField(max_length=1000)
    choices = WhatSerializer(many=True, required=False, default=list)
