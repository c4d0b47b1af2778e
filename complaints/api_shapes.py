"""What the API shows a person of their own complaints, and what it takes."""

from rest_framework import serializers

from complaints.models import APP_LENGTH, TEXT_LENGTH, Complaint
from desks.api.pages import page_shape


class ComplaintSerializer(serializers.ModelSerializer):
    """``answer``: of the system administrator; empty while it waits, or when its author closed it before."""

    state_name = serializers.CharField(source="get_state_display")

    class Meta:
        model = Complaint
        fields = ["id", "text", "app", "at", "state", "state_name", "answer", "answered_at"]


ComplaintPageSerializer = page_shape(ComplaintSerializer)
ComplaintPageSerializer.fields["unread"] = serializers.IntegerField()


class ComplainSerializer(serializers.Serializer):
    """``app``: what its author was shown of the device, such as '1.4.0, Chrome Mobile, Android'."""

    id = serializers.UUIDField()
    text = serializers.CharField(max_length=TEXT_LENGTH)
    app = serializers.CharField(max_length=APP_LENGTH, allow_blank=True, default="")
