"""What the API shows of the moves a person is offered and of the form each needs."""

from typing import Any

from rest_framework import serializers

from desks.offered import Field
from dispatch.workflow import Kind


class WithoutBlanks(serializers.Serializer):
    """Leaves out what says nothing; ``always`` is there whatever it says."""

    always: tuple[str, ...] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {name: value for name, value in shown.items() if value or name in self.always}


class ChoiceSerializer(serializers.Serializer):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class NeedSerializer(WithoutBlanks):
    """One input of a move. ``options`` are the codes the table names, ``choices`` all that may be chosen, with labels.

    Of evidence the choices are the kinds of files, ``needed`` those that must be there. ``instead`` names the input that
    will do as well: one of the two is needed. ``min`` and ``max``: whole numbers in ``unit``, or days. The checklist, the
    areas and the organisations have addresses of their own.
    """

    always = ("name", "label", "kind", "required", "options")

    name = serializers.CharField(source="need.name")
    label = serializers.CharField(source="need.label")  # type: ignore[assignment]
    kind = serializers.ChoiceField([kind.value for kind in Kind], source="need.kind")
    required = serializers.BooleanField()  # type: ignore[assignment]
    options = serializers.SerializerMethodField()
    choices = ChoiceSerializer(many=True, required=False)
    needed = serializers.ListField(child=serializers.CharField(), required=False)
    instead = serializers.CharField(source="need.instead", required=False)
    help = serializers.CharField(source="need.help", required=False)
    max_length = serializers.IntegerField(required=False)
    most_files = serializers.IntegerField(required=False)
    min = serializers.CharField(source="least", required=False)
    max = serializers.CharField(source="most", required=False)
    unit = serializers.CharField(required=False)

    def get_options(self, field: Field) -> list[str]:
        return [code for code, _label in field.need.options]


class ActionSerializer(WithoutBlanks):
    """``before``: what the move will do, to be read before; ``confirm``: what is to be confirmed, for it cannot be
    taken back."""

    always = ("verb", "label", "needs")

    verb = serializers.CharField(source="verb.code")
    label = serializers.CharField(source="verb.label")  # type: ignore[assignment]
    primary = serializers.BooleanField(source="verb.primary", required=False)
    danger = serializers.BooleanField(source="verb.danger", required=False)
    before = serializers.CharField(required=False)
    confirm = serializers.CharField(required=False)
    needs = NeedSerializer(source="fields", many=True)
