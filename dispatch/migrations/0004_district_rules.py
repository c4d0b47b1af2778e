"""The district's rules as data: calendar changes, numbers, routing. Their history refuses update and delete."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION refuse_change_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER settings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_setting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
CREATE TRIGGER rule_changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dispatch_rulechange
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();
"""

BACKWARDS = """
DROP TRIGGER rule_changes_append_only ON dispatch_rulechange;
DROP TRIGGER settings_append_only ON dispatch_setting;
DROP FUNCTION refuse_change_of_history();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("dispatch", "0003_every_rule"),
        ("grids", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("off", "day off"),
                            ("work", "working day"),
                            ("weekday", "as its weekday"),
                            ("extend", "calendar extended"),
                        ],
                        max_length=8,
                    ),
                ),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("name", models.CharField(blank=True, max_length=60)),
                ("before", models.JSONField(default=dict)),
                ("moves_open", models.BooleanField(help_text="Whether open deadlines are counted again.")),
                (
                    "version",
                    models.PositiveIntegerField(help_text="The calendar's version since this change."),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "moved",
                    models.PositiveIntegerField(
                        default=0, help_text="Events whose deadlines were counted again."
                    ),
                ),
                (
                    "done_at",
                    models.DateTimeField(help_text="When no deadline was left to count again.", null=True),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_changes",
                        to="grids.district",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="KeyPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("first", models.DateField()),
                ("last", models.DateField()),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="key_periods",
                        to="grids.district",
                    ),
                ),
            ],
            options={
                "ordering": ["-first", "id"],
            },
        ),
        migrations.CreateModel(
            name="RoutingRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=60)),
                ("item_prefix", models.CharField(blank=True, db_collation="C", max_length=10)),
                ("area_prefix", models.CharField(blank=True, db_collation="C", max_length=20)),
                (
                    "urgency",
                    models.CharField(
                        blank=True,
                        choices=[("normal", "normal"), ("urgent", "urgent"), ("critical", "critical")],
                        max_length=10,
                    ),
                ),
                ("weekdays", models.JSONField(default=list, help_text="ISO numbers, Monday is 1.")),
                ("time_from", models.TimeField(null=True)),
                ("time_to", models.TimeField(help_text="Before time_from: past midnight.", null=True)),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("district", "District"),
                            ("street", "Street"),
                            ("community", "Community"),
                            ("grid", "Grid"),
                        ],
                        max_length=10,
                    ),
                ),
                ("limit_amount", models.PositiveIntegerField(help_text="In the item's own unit.", null=True)),
                ("valid_from", models.DateTimeField()),
                ("valid_to", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routing_rules",
                        to="grids.district",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="dispatch.keyperiod"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "valid_from"],
            },
        ),
        migrations.CreateModel(
            name="RuleChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.SlugField(max_length=20)),
                ("number", models.PositiveIntegerField(help_text="Of the rule.", null=True)),
                ("params", models.JSONField(default=dict)),
                ("takes_effect_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_changes",
                        to="grids.district",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Setting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.SlugField(max_length=40)),
                ("value", models.JSONField(help_text="A whole number, or one for each urgency.")),
                ("valid_from", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="settings",
                        to="grids.district",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="keyperiod",
            constraint=models.UniqueConstraint(fields=("district", "name"), name="key_period_name"),
        ),
        migrations.AddConstraint(
            model_name="keyperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("last__gte", models.F("first"))), name="key_period_forwards"
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid_to", None)),
                fields=("district", "number"),
                name="one_open_rule_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="routingrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid_to__gte", models.F("valid_from"))), name="routing_rule_forwards"
            ),
        ),
        migrations.AddIndex(
            model_name="setting",
            index=models.Index(fields=["district", "valid_from"], name="setting_by_time"),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
