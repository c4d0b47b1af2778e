"""What the API shows of the checklist, the areas and the organisations."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Organization
from events.models import Item
from grids.models import Area


class ItemSerializer(serializers.ModelSerializer):
    category = serializers.CharField(source="category.name")
    platform = serializers.CharField(source="category.platform")
    platform_name = serializers.CharField(source="category.get_platform_display")
    urgency_name = serializers.CharField(source="get_urgency_display")

    class Meta:
        model = Item
        fields = [
            "code",
            "name_zh",
            "name_en",
            "platform",
            "platform_name",
            "category",
            "urgency",
            "urgency_name",
            "level",
            "self_handle",
            "evidence",
            "sensitive",
            "keywords",
            "handle_limit",
            "limit_unit",
        ]


class ItemVersionSerializer(ItemSerializer):
    class Meta(ItemSerializer.Meta):
        fields = [*ItemSerializer.Meta.fields, "valid_from", "valid_to"]


class AreaSerializer(serializers.ModelSerializer):
    name = serializers.CharField()

    class Meta:
        model = Area
        fields = ["code", "level", "name"]


class GeometrySerializer(serializers.Serializer):
    """GeoJSON: a Polygon or MultiPolygon, (longitude, latitude) degrees in WGS84."""

    type = serializers.CharField()
    coordinates = serializers.ListField()


class AreaDetailSerializer(AreaSerializer):
    """Valid from its first day up to, not including, its last; null is open."""

    parent = serializers.CharField(source="parent.code", allow_null=True, default=None)  # type: ignore[assignment]
    predecessors = serializers.SlugRelatedField("code", many=True, read_only=True)
    boundary = serializers.SerializerMethodField()

    class Meta(AreaSerializer.Meta):
        fields = [*AreaSerializer.Meta.fields, "parent", "valid_from", "valid_to", "predecessors", "boundary"]

    @extend_schema_field(GeometrySerializer(allow_null=True))
    def get_boundary(self, area: Area) -> dict | None:
        boundary = self.context["boundary"]
        return boundary and boundary.geometry


class FeatureSerializer(serializers.Serializer):
    class PropertiesSerializer(serializers.Serializer):
        code = serializers.CharField()
        name = serializers.CharField()
        synthetic = serializers.BooleanField()

    type = serializers.CharField()
    properties = PropertiesSerializer()
    geometry = GeometrySerializer()


class BoundariesSerializer(serializers.Serializer):
    """A GeoJSON FeatureCollection."""

    type = serializers.CharField()
    features = FeatureSerializer(many=True)


class PlaceSerializer(serializers.Serializer):
    """``path``: the names from the street down."""

    area_code = serializers.CharField()
    level = serializers.CharField()
    name = serializers.SerializerMethodField()
    path = serializers.SerializerMethodField()
    on_edge = serializers.BooleanField()
    outside = serializers.BooleanField()

    def get_name(self, place) -> str:
        return next(reversed(self.context["path"]), "")

    def get_path(self, place) -> list[str]:
        return self.context["path"]


class OrganizationSerializer(serializers.ModelSerializer):
    """``id`` is what moves take as lead, assistants or desk."""

    name = serializers.CharField()
    kind_name = serializers.CharField(source="get_kind_display")
    area = serializers.CharField(source="area.code")
    parent = serializers.CharField(source="parent.code", allow_null=True, default=None)  # type: ignore[assignment]

    class Meta:
        model = Organization
        fields = ["id", "code", "name", "kind", "kind_name", "area", "parent", "is_active"]


class CandidateSerializer(serializers.ModelSerializer):
    name = serializers.CharField()

    class Meta:
        model = Organization
        fields = ["id", "code", "name", "kind"]


class CandidatesSerializer(serializers.Serializer):
    """``proposed``: the id of one of them; null without a rule."""

    proposed = serializers.IntegerField(allow_null=True)
    organizations = CandidateSerializer(many=True)
