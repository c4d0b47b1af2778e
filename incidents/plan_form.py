"""A plan as a form: its head, and its tasks as rows that are added, moved and taken away without anything being saved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from desks.routing_form import DAY, OrganizationField
from desks.rule_days import from_day
from events.catalogue import items_now
from grids.models import District
from incidents.models import Plan, PlanTask
from incidents.plans import Content, PlanCodeTakenError

MOST_TASKS = 60
A_MONTH = 31 * 24 * 60
WHO = [("", _("one organisation")), *Organization.Kind.choices]
TEXT_FIELDS = ("text_zh", "text_en", "who", "unit", "minutes")


class HeadForm(forms.Form):
    code = forms.SlugField(
        max_length=40,
        label=_("Code"),
        help_text=_("Letters, digits and hyphens, such as heat-wave; it never changes."),
    )
    name_zh = forms.CharField(max_length=100, label=_("Chinese name"))
    name_en = forms.CharField(max_length=100, required=False, label=_("English name"))
    items = forms.CharField(
        max_length=400,
        required=False,
        label=_("Items it gathers"),
        help_text=_("Codes of the checklist with blanks between, such as 30605 30606."),
    )
    valid_from = forms.DateField(
        required=False, label=_("In force from"), help_text=_("Empty: at once."), widget=DAY
    )

    def __init__(self, data: Any, *, district: District, now: datetime, plan: Plan | None):
        initial = None
        if plan:
            initial = {"name_zh": plan.name_zh, "name_en": plan.name_en, "items": " ".join(plan.items)}
        super().__init__(data, initial=initial)
        self.district, self.now = district, now
        if plan:
            del self.fields["code"]
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-control")

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Plan.objects.filter(district=self.district, code=code).exists():
            raise forms.ValidationError(str(PlanCodeTakenError.message), PlanCodeTakenError.code)
        return code

    def clean_items(self) -> list[str]:
        codes = list(dict.fromkeys(self.cleaned_data["items"].replace("，", " ").replace(",", " ").split()))
        known = {item.code for item in items_now(self.district)}
        if unknown := [code for code in codes if code not in known]:
            raise forms.ValidationError(
                _("The checklist has no item %(codes)s. Look the codes up and correct them."),
                "unknown_item",
                {"codes": ", ".join(unknown)},
            )
        return codes

    def clean_valid_from(self) -> datetime:
        return from_day(self.cleaned_data["valid_from"], self.now)


class TaskForm(forms.Form):
    text_zh = forms.CharField(max_length=200, label=_("What is to be done"))
    text_en = forms.CharField(max_length=200, required=False, label=_("In English"))
    who = forms.ChoiceField(choices=WHO, required=False, label=_("By whom"))
    unit = OrganizationField(label=_("Which organisation"))
    minutes = forms.IntegerField(min_value=1, max_value=A_MONTH, label=_("Within minutes of the opening"))

    def __init__(self, data: Any, *, district: District, prefix: str):
        super().__init__(data, prefix=prefix)
        self.fields["unit"].district = district  # type: ignore[attr-defined]
        self.fields["unit"].widget.attrs["list"] = "units"
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("class", "form-select" if name == "who" else "form-control")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("who")) == bool(cleaned.get("unit")) and "unit" not in self.errors:
            words = _("Choose a kind of organisation or name one, not both.")
            self.add_error("unit", forms.ValidationError(words, "who"))
        return cleaned

    @property
    def task(self) -> PlanTask:
        given = self.cleaned_data
        return PlanTask(
            text_zh=given["text_zh"],
            text_en=given["text_en"],
            responsible_kind=given["who"],
            responsible=given["unit"],
            minutes=given["minutes"],
        )


class PlanForm:
    """The head, and the rows of a POST or of the plan. ``act`` of a POST: ``add``, ``up-3``, ``down-3``, ``remove-3``."""

    def __init__(
        self, data: Mapping[str, str] | None, *, district: District, now: datetime, plan: Plan | None
    ):
        self.head = HeadForm(data, district=district, now=now, plan=plan)
        self.moved: int | None = None
        rows = _posted(data) if data is not None else _told(plan) if plan else []
        self.act = data.get("act", "") if data is not None else ""
        if self.act:
            self.moved = _changed(rows, self.act)
        self.added = self.act == "add"
        rows = rows or [dict.fromkeys(TEXT_FIELDS, "")]
        self.is_sent = data is not None and not self.act
        self.rows = [
            TaskForm(
                {f"task-{number}-{name}": value for name, value in row.items()},
                district=district,
                prefix=f"task-{number}",
            )
            for number, row in enumerate(rows)
        ]
        if self.added:
            self.rows[-1].fields["text_zh"].widget.attrs["autofocus"] = True

    def is_valid(self) -> bool:
        """The head and every row; what is empty altogether is no row."""
        return all([self.head.is_valid(), *(row.is_valid() for row in self.rows)])

    @property
    def content(self) -> Content:
        given = self.head.cleaned_data
        tasks = [row.task for row in self.rows]
        return Content(given["name_zh"], given["name_en"], given["items"], tasks)


def _posted(data: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows as they were sent, those left empty taken away unless rows are being arranged."""
    number = data.get("rows", "")
    count = min(int(number), MOST_TASKS) if number.isdecimal() and len(number) < 4 else 0
    rows = [{name: data.get(f"task-{n}-{name}", "") for name in TEXT_FIELDS} for n in range(count)]
    return rows if data.get("act") else [row for row in rows if any(value.strip() for value in row.values())]


def _told(plan: Plan) -> list[dict[str, str]]:
    return [
        {
            "text_zh": task.text_zh,
            "text_en": task.text_en,
            "who": task.responsible_kind,
            "unit": task.responsible.name if task.responsible else "",
            "minutes": str(task.minutes),
        }
        for task in plan.tasks.select_related("responsible")
    ]


def _changed(rows: list[dict[str, str]], act: str) -> int | None:
    """The rows arranged; where the row is that was added or moved."""
    what, _dash, at = act.partition("-")
    here = int(at) if at.isdecimal() and int(at) < len(rows) else None
    if what == "add" and len(rows) < MOST_TASKS:
        rows.append(dict.fromkeys(TEXT_FIELDS, ""))
        return len(rows) - 1
    if what == "remove" and here is not None:
        del rows[here]
    there = {"up": -1, "down": 1}.get(what)
    if there and here is not None and 0 <= here + there < len(rows):
        rows[here], rows[here + there] = rows[here + there], rows[here]
        return here + there
    return None
