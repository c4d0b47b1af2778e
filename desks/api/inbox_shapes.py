"""What the API shows of the inbox: what happened and where, as far as the reader may see the event."""

from django.urls import reverse
from rest_framework import serializers

from desks.places import name_of
from desks.privacy import Privacy
from dispatch.recipients import Recipient
from inbox.models import Notice

TO_THE_REPORTER = (Recipient.REPORTER, Recipient.WATCHERS)
LAST_ID = 2**63 - 1


class NoticeSerializer(serializers.ModelSerializer):
    """``by``: an organisation, never a person; ``answer``: the last words to the reporter, for the reporter alone."""

    event = serializers.UUIDField(source="event_id")
    number = serializers.CharField(source="event.number")
    url = serializers.SerializerMethodField()
    item = serializers.CharField(source="event.item.code")
    item_name = serializers.CharField(source="event.item.name")
    urgency = serializers.CharField(source="event.urgency")
    state = serializers.CharField(source="event.state")
    place = serializers.SerializerMethodField()
    verb = serializers.CharField(source="step.verb")
    words = serializers.CharField()
    clock = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField(source="visible_from")
    is_read = serializers.SerializerMethodField()
    answer = serializers.SerializerMethodField()

    class Meta:
        model = Notice
        fields = [
            "id", "kind", "event", "number", "url", "item", "item_name", "urgency", "state", "place", "verb",
            "words", "clock", "by", "at", "is_read", "answer",
        ]  # fmt: skip

    def get_url(self, notice: Notice) -> str:
        return reverse("api:event", args=[notice.event_id])

    def get_place(self, notice: Notice) -> str:
        return name_of(self.context["actor"].district, notice.event.area_code)

    def get_is_read(self, notice: Notice) -> bool:
        """A list of unread ones does not ask."""
        return getattr(notice, "is_read", False)

    def get_answer(self, notice: Notice) -> str:
        told = getattr(notice, "answer", None) if notice.kind in TO_THE_REPORTER else None
        return Privacy(notice.event, self.context["actor"]).words(told) if told else ""


class UnreadSerializer(serializers.Serializer):
    unread = serializers.IntegerField()


class ReadSerializer(serializers.Serializer):
    """One of the two."""

    notice = serializers.IntegerField(required=False, min_value=1, max_value=LAST_ID)
    until = serializers.DateTimeField(required=False)


class MarkedSerializer(serializers.Serializer):
    marked = serializers.IntegerField()
