"""A version of a plan holds from an instant to an instant, and tells who made it.

Versions there are already get the instants that are known: one began when the first incident was opened under it, and
ended the one before.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

DATES = """
UPDATE incidents_plan SET valid_from = coalesce(
    (SELECT min(opened_at) FROM incidents_incident WHERE plan_id = incidents_plan.id), now())
WHERE version > 1;
UPDATE incidents_plan AS plan SET valid_to = greatest(plan.valid_from, coalesce(
    (SELECT later.valid_from FROM incidents_plan AS later
     WHERE (later.district_id, later.code, later.version) = (plan.district_id, plan.code, plan.version + 1)), now()))
WHERE NOT is_active;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0003_open_by_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "plan", "valid_from", models.DateTimeField(help_text="Empty: since ever.", null=True)
        ),
        migrations.AddField("plan", "valid_to", models.DateTimeField(null=True)),
        migrations.AddField("plan", "changed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "plan",
            "changed_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "plan",
            "ended_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(DATES, migrations.RunSQL.noop),
        migrations.RemoveConstraint("plan", "plan_one_active"),
        migrations.RemoveField("plan", "is_active"),
        migrations.AddConstraint(
            "plan",
            models.UniqueConstraint(
                condition=Q(("valid_to", None)), fields=("district", "code"), name="plan_one_lasting"
            ),
        ),
        migrations.AddConstraint(
            "plan",
            models.CheckConstraint(
                condition=Q(
                    ("valid_from", None),
                    ("valid_to", None),
                    ("valid_to__gte", F("valid_from")),
                    _connector="OR",
                ),
                name="plan_ends_after_it_begins",
            ),
        ),
    ]
