"""A post as the API shows it."""

from rest_framework import serializers

from accounts.scope import HeldPost
from desks.templatetags.grid import role_name, unit_name


class PostSerializer(serializers.Serializer):
    """``kind``: of the organisation; ``area``: the code of where it is."""

    id = serializers.IntegerField()
    role = serializers.CharField()
    role_name = serializers.SerializerMethodField()
    organization = serializers.IntegerField(source="organization_id")
    organization_name = serializers.SerializerMethodField()
    kind = serializers.CharField(source="organization_kind")
    area = serializers.CharField(source="area_code")

    def get_role_name(self, post: HeldPost) -> str:
        return role_name(post)

    def get_organization_name(self, post: HeldPost) -> str:
        return unit_name(post)
