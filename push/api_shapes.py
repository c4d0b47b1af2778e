"""What the API says of push, and what a browser's subscription is made of."""

from cryptography.hazmat.primitives.asymmetric import ec
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from push.keys import decode

AUTH_BYTES = 16


class PushSerializer(serializers.Serializer):
    configured = serializers.BooleanField()
    public_key = serializers.CharField(allow_blank=True)
    known = serializers.BooleanField()


class KeysSerializer(serializers.Serializer):
    """base64url, as the browser writes them."""

    p256dh = serializers.CharField(max_length=90)
    auth = serializers.CharField(max_length=30)

    def validate_p256dh(self, text: str) -> str:
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(text))
        except ValueError:
            raise serializers.ValidationError(_("This is no key of a browser."), "invalid_key") from None
        return text

    def validate_auth(self, text: str) -> str:
        try:
            right = len(decode(text)) == AUTH_BYTES
        except ValueError:
            right = False
        if not right:
            raise serializers.ValidationError(_("This is no key of a browser."), "invalid_key")
        return text


class SubscribeSerializer(serializers.Serializer):
    endpoint = serializers.CharField(max_length=1000)
    keys = KeysSerializer()
