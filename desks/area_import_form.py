"""The form that uploads a file of areas and says how it is meant."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.area_imports import MAX_BYTES
from grids.area_columns import COLUMNS
from grids.area_files import AreaFile
from grids.area_rows import DATUMS, Reading
from grids.models import Level

ENCODINGS = [("", _("as the file says")), ("gb18030", "GB18030 (GBK)"), ("utf-8", "UTF-8")]


class AreaImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"), help_text=_("GeoJSON, Shapefile in a zip, or Excel; at most 10 MB.")
    )
    datum = forms.ChoiceField(label=_("Coordinates are in"), choices=list(DATUMS.items()), initial="wgs84")
    day = forms.DateField(
        label=_("Counts from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("What is new begins, what is gone ends on this day. Empty: today."),
    )
    level = forms.ChoiceField(
        label=_("Level of every row"), choices=[("", _("as the column says")), *Level.choices], required=False
    )
    encoding = forms.ChoiceField(label=_("Text of a Shapefile"), choices=ENCODINGS, required=False)
    columns = forms.CharField(
        label=_("Foreign columns"),
        required=False,
        max_length=400,
        help_text=_("Ours = theirs, with commas between: code=DM, name_zh=MC"),
    )
    complete = forms.BooleanField(
        label=_("The file holds all areas of its levels: what is not in it ends"), required=False
    )
    any_length = forms.BooleanField(label=_("Codes of one level may differ in length"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            is_choice = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
            if isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "form-check-input"
            if name == "file":
                field.widget.attrs["accept"] = ".geojson,.json,.zip,.xlsx"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 10 MB. Split it, or import it by the command."), "file_too_large"
            )
        return file

    def clean_columns(self) -> dict[str, str]:
        """Parted by commas of either width; ours may be named as the form heads them."""
        told = re.split("[,，;；]", self.cleaned_data["columns"].replace("＝", "="))
        pairs = (pair.partition("=")[::2] for pair in told if pair.strip())
        ours = {COLUMNS[name][0]: name for name in COLUMNS}
        found = {ours.get(name.strip(), name.strip()): theirs.strip() for name, theirs in pairs}
        if unknown := sorted(name for name in found if name not in COLUMNS or not found[name]):
            raise forms.ValidationError(
                _("%(name)s is none of our columns: %(ours)s."),
                "column_unknown",
                {"name": unknown[0], "ours": ", ".join(COLUMNS)},
            )
        return found

    @property
    def source(self) -> AreaFile:
        file = self.cleaned_data["file"]
        return AreaFile.uploaded(file.name, file.read())

    @property
    def reading(self) -> Reading:
        return Reading(**{name: value for name, value in self.cleaned_data.items() if name != "file"})
