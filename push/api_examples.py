"""The examples of push in the API's description."""

from drf_spectacular.utils import OpenApiExample

PUBLIC_KEY = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
PUSH = OpenApiExample(
    "已订阅",
    {"configured": True, "public_key": PUBLIC_KEY, "known": True},
    response_only=True,
    status_codes=["200"],
)
SUBSCRIBE = OpenApiExample(
    "浏览器订阅",
    {
        "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk",
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
    },
    request_only=True,
)
